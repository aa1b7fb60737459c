import { asCli, asCurl, jobCommands } from './job-commands.js';

const named = (name: string) => jobCommands.find((command) => command.name === name)!;
const id = '01a20199-6858-7000-9946-26cf4641d25f';

it('are written so that a shell runs them as they are', () => {
  expect(asCurl(named('Show it'), 'https://jobs.example.com', id)).toBe(
    `curl --fail-with-body -H "Authorization: Bearer $ROUNDHOUSE_API_KEY" https://jobs.example.com/v1/jobs/${id}`,
  );
  expect(asCurl(named('Redrive'), 'https://jobs.example.com', id)).toBe(
    `curl --fail-with-body -X POST -H "Authorization: Bearer $ROUNDHOUSE_API_KEY" -H 'content-type: application/json' -d '{}' https://jobs.example.com/v1/jobs/${id}/redrive`,
  );
  expect(asCli(named('Cancel'), 'https://jobs.example.com', id)).toBe(
    `./roundhouse job cancel ${id} --url https://jobs.example.com`,
  );
});

it.each([
  ['running', ['Show it', 'Say why it is in its state', 'Cancel']],
  ['scheduled', ['Show it', 'Say why it is in its state', 'Run now', 'Cancel']],
  ['dead', ['Show it', 'Say why it is in its state', 'Redrive']],
  ['succeeded', ['Show it', 'Say why it is in its state']],
])('of a job that is %s: %j', (state, names) => {
  expect(jobCommands.filter(({ offered }) => offered({ state })).map(({ name }) => name)).toEqual(names);
});
