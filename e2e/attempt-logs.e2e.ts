import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

interface Line {
  at: string;
  level: string;
  source: string;
  message: string;
  fields: Record<string, unknown> | null;
}

let platform: Platform;
let viewer: Client;
beforeAll(async () => {
  platform = await startPlatform({ workers: 2, env: { ROUNDHOUSE_LEASE: '10s' } });
  viewer = await platform.clientWith('jobs:view');
});
afterAll(() => platform?.stop());

async function log(
  id: string,
  query = '',
): Promise<{ attempt: number; lines: Line[]; left_out: number; next: number }> {
  const answer = await platform.acme.send(`/v1/jobs/${id}/logs${query}`);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return answer.body;
}
const said = async (id: string, query = '') =>
  (await log(id, query)).lines.filter(({ source }) => source === 'attempt').map(({ message }) => message);

it('shows what an attempt says while it runs, and keeps it when its worker is killed', async () => {
  const id = await platform.acme.submit('platform.probe_steps', { work: '0.5s', cursors: 20, effect: 'logged' });
  await waitFor(async () => (await said(id)).length > 0, { describe: 'a line of the running attempt' });
  await waitFor(async () => (await platform.effects('logged')).length > 0, { describe: 'a cursor to resume at' });
  const { worker_id: worker } = await platform.acme.running(id);
  const name = [...platform.processes].find(([, process]) => worker?.includes(`-${process.pid}-`))?.[0] as string;
  await platform.service(name).kill('SIGKILL');
  expect(await platform.acme.finished(id)).toMatchObject({ state: 'succeeded' });
  expect(await said(id, '?attempt=1')).toEqual(['Step "work" started']);
  expect(await said(id)).toEqual(['Step "work" resumed', 'Step "work" ended']);
  const { lines } = await log(id);
  expect(lines.filter(({ source }) => source === 'ledger').map(({ message }) => message)).toEqual([
    expect.stringMatching(/^The attempt was granted to probe-/),
    'Succeeded',
  ]);
  await platform.launch(name);
});

it('has the error with its stack and what the ledger made of it, for each attempt', async () => {
  const failing = { failures: 1, failure_code: 'ERROR_CODE_UNAVAILABLE' };
  const id = await platform.acme.submit('platform.probe', failing);
  await platform.acme.finished(id);
  const first = await log(id, '?attempt=1');
  const failed = first.lines.find(({ message }) => message === 'attempt failed');
  expect(failed).toMatchObject({ level: 'warn', source: 'attempt', fields: { code: 'UNAVAILABLE' } });
  expect(failed!.fields!.err).toMatchObject({ stack: expect.stringContaining('probe.handler') });
  expect(first.lines.at(-1)).toMatchObject({ source: 'ledger' });
  expect(first.lines.map(({ message }) => message).join('\n')).toMatch(/Will be tried again at .*UNAVAILABLE/);
  expect(await log(id, `?attempt=1&after=${first.next}`)).toMatchObject({ next: first.next });
  expect((await said(id, `?attempt=1&after=${first.next}`)).length).toBe(0);
});

it('costs a job nothing that says nothing', async () => {
  const id = await platform.acme.probe({ text: 'silent' });
  await platform.acme.finished(id);
  expect(await platform.ledger.query(`select from ledger.attempt_logs where job_id = $1`, [id])).toEqual([]);
  expect((await log(id)).lines.map(({ source }) => source)).toEqual(['ledger', 'ledger']);
});

it('is shown to who may read logs, and not to other tenants', async () => {
  const id = await platform.acme.probe({ text: 'x' });
  await platform.acme.finished(id);
  expect((await viewer.send(`/v1/jobs/${id}/logs`)).status).toBe(403);
  expect((await (await platform.clientWith('logs:read')).send(`/v1/jobs/${id}/logs`)).status).toBe(200);
  expect((await platform.globex.send(`/v1/jobs/${id}/logs`)).status).toBe(404);
  expect((await platform.acme.send(`/v1/jobs/${id}/logs?attempt=0`)).body).toMatchObject({
    code: 'invalid_request',
    errors: [{ path: 'attempt' }],
  });
});
