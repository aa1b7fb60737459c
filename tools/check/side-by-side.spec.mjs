import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sideBySide } from './side-by-side.mjs';

const node = (program) => [process.execPath, '-e', program];
const cwd = process.cwd();

test('every step runs, whatever becomes of the others, and what failed keeps its output', async () => {
  const steps = [
    {
      label: 'fails',
      commands: [node('console.log("out"); console.error("err"); process.exit(3)'), node('process.exit(4)')],
    },
    { label: 'is fine', commands: [node('console.log("not shown")')] },
    { label: 'is not there', commands: [['no-such-program']] },
  ];
  const ended = [];
  const outcomes = await sideBySide(steps, { cwd, done: ({ label }) => ended.push(label) });
  expect(outcomes.map(({ label, passed }) => [label, passed])).toEqual([
    ['fails', false],
    ['is fine', true],
    ['is not there', false],
  ]);
  const [fails, fine, missing] = outcomes.map(({ output }) => output);
  expect(fails).toMatch(/out\nerr\n.*exit code 4$/s);
  expect(fine).toBe('');
  expect(missing).toMatch(/ENOENT/);
  expect(ended.sort()).toEqual(['fails', 'is fine', 'is not there']);
});

test('steps run beside each other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meeting-'));
  try {
    // Each waits for the other, so one after the other they would never end.
    const meet = (own, other) =>
      node(`
        const { existsSync, writeFileSync } = require('node:fs');
        writeFileSync('${own}', '');
        setInterval(() => existsSync('${other}') && process.exit(0), 10);
      `);
    const steps = [meet('a', 'b'), meet('b', 'a')].map((command, i) => ({ label: `${i}`, commands: [command] }));
    const outcomes = await sideBySide(steps, { cwd: folder, atOnce: 2 });
    expect(outcomes.map(({ passed }) => passed)).toEqual([true, true]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
