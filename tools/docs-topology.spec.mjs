import { expect, test } from '@jest/globals';
import { catalogue } from '@roundhouse/contracts';
import { jobQueue, topology, waitHeader } from '@roundhouse/rabbitmq';
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../docs/architecture.md', import.meta.url), 'utf8');
const rowOf = (name) => page.split('\n').find((line) => line.startsWith(`| \`${name}\` `)) ?? '';
const { exchanges, queues } = topology();
const waitName = /^jobs\.wait\.(\d+)\.v1$/;

test.each(exchanges)('exchange $name is on the page with its type', ({ name, type }) => {
  expect(rowOf(name)).toContain(`| ${type} `);
});

test('every job queue is on the page, and no other', () => {
  const [, listed] = /one queue per queue of the contract: ([^|]*?)\s*\|/.exec(rowOf(jobQueue('<queue>')));
  expect(listed.split(', ').sort()).toEqual(catalogue.queues());
});

test('every wait level is on the page', () => {
  const inWords = rowOf('jobs.wait.<ms>.v1').match(/on their way; ([^|]*?)\s*\|/)[1];
  const levels = inWords.split(/(?<=s|min)(?:, |$)/).flatMap((part) => {
    const [, numbers, unit] = /^(.*?) (s|min)$/.exec(part) ?? [];
    return (numbers ?? '').split(', ').map((n) => Number(n) * (unit === 'min' ? 60_000 : 1_000));
  });
  expect(levels).toEqual(queues.flatMap(({ name }) => waitName.exec(name)?.[1] ?? []).map(Number));
  expect(page).toContain(`\`${waitHeader}\``);
});

test.each(queues.filter(({ name }) => !waitName.test(name) && !name.startsWith('jobs.q.')))(
  'queue $name is on the page with its type and limits',
  ({ name, arguments: args }) => {
    const row = rowOf(name);
    expect(row).toContain(`| ${args['x-queue-type']} `);
    const numbers = row.replace(/(\d) (?=\d{3})/g, '$1');
    if (args['x-delivery-limit']) expect(numbers).toContain(`\`x-delivery-limit\` ${args['x-delivery-limit']}`);
    if (args['x-message-ttl']) expect(numbers).toContain(`\`x-message-ttl\` ${args['x-message-ttl'] / 1000} s`);
  },
);

test('the arguments of job queues are on the page', () => {
  const { arguments: args } = queues.find(({ name }) => name.startsWith('jobs.q.'));
  const row = rowOf(jobQueue('<queue>'));
  expect(row).toContain(`\`x-delivery-limit\` ${args['x-delivery-limit']}`);
  for (const part of ['x-dead-letter-exchange', 'x-dead-letter-strategy', 'x-overflow'])
    expect(row).toContain(args[part]);
});
