import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecord, runningRecord, startProcess, stopProcess } from './managed-process.mjs';
import { isSameProcess } from './process-identity.mjs';
import { mostRestarts, ownProcess, restartDelayMs, Supervision } from './supervision.mjs';

let folder;
let start;
let time;
let said;
let supervision;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundhouse-supervision-'));
  start = {
    runFolder: folder,
    name: 'sample',
    command: process.execPath,
    args: ['-e', 'setInterval(() => {}, 1000)'],
    env: { ...process.env, SAMPLE: 'kept' },
    logFile: join(folder, 'sample.log'),
    facts: { http_port: 4711 },
  };
  time = Date.now();
  said = [];
  supervision = new Supervision({
    subjects: [ownProcess(start)],
    say: (line) => said.push(line),
    now: () => time,
  });
});
afterEach(async () => {
  await stopProcess(folder, 'sample', { signalName: 'SIGKILL' });
  rmSync(folder, { recursive: true, force: true });
});

async function die() {
  const record = readRecord(folder, 'sample');
  process.kill(record.pid, 'SIGKILL');
  while (isSameProcess(record)) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** The round that sees it, and the one after the delay. */
async function twoRounds(restarts) {
  await supervision.round();
  expect(runningRecord(folder, 'sample')).toBeUndefined();
  time += restartDelayMs(restarts) - 1;
  await supervision.round();
  expect(runningRecord(folder, 'sample')).toBeUndefined();
  time += 1;
  await supervision.round();
}

describe('what dies', () => {
  test('is started again as it was, after a while, and says how often', async () => {
    await startProcess(start);
    await supervision.round();
    expect(supervision.isNeeded).toBe(false);
    await die();
    expect(supervision.isNeeded).toBe(true);
    await twoRounds(0);
    expect(runningRecord(folder, 'sample')).toMatchObject({ http_port: 4711, restarts: 1 });
    expect(said).toEqual([
      expect.stringMatching(/^sample \(pid \d+\) has died: it is started again in 1 s$/),
      'sample is started again (1 of at most 10)',
    ]);
  });

  test('is started again ever later, and given up at last', async () => {
    expect([0, 1, 2, 5, 6, 9].map(restartDelayMs)).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
    await startProcess(start);
    for (let restarts = 0; restarts < mostRestarts; restarts += 1) {
      await die();
      await twoRounds(restarts);
      expect(runningRecord(folder, 'sample')?.restarts).toBe(restarts + 1);
    }
    await die();
    await supervision.round();
    time += 3_600_000;
    await supervision.round();
    expect(readRecord(folder, 'sample')).toMatchObject({ gave_up: true, restarts: mostRestarts });
    expect(runningRecord(folder, 'sample')).toBeUndefined();
  }, 60_000);

  test('begins anew with its count once it has lived for a while', async () => {
    await startProcess({ ...start, facts: { restarts: 9 } });
    await die();
    time += 11 * 60_000;
    await twoRounds(0);
    expect(runningRecord(folder, 'sample')?.restarts).toBe(1);
  });

  test('is tried again later when it cannot be started', async () => {
    await startProcess(start);
    await die();
    let tries = 0;
    const restart = async () => {
      tries += 1;
      throw new Error('no space left');
    };
    supervision.subjects = [{ name: 'sample', runFolder: folder, restart }];
    await supervision.round();
    time += 1_000;
    await supervision.round();
    await supervision.round();
    expect([tries, readRecord(folder, 'sample').restarts]).toEqual([1, 1]);
    time += 2_000;
    await supervision.round();
    expect(tries).toBe(2);
  });
});

test('what somebody has stopped stays stopped; then there is nothing to look after', async () => {
  await startProcess(start);
  expect(supervision.hasSubjects).toBe(true);
  await stopProcess(folder, 'sample');
  await supervision.round();
  expect([supervision.hasSubjects, supervision.isNeeded, readRecord(folder, 'sample')]).toEqual([
    false,
    false,
    undefined,
  ]);
});
