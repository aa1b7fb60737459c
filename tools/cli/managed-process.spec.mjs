import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordFile, runningRecord, startProcess, stopProcess } from './managed-process.mjs';
import { waitUntilReady } from './readiness.mjs';
import { isSameProcess, processIdentity } from './process-identity.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundhouse-process-'));
});
afterEach(async () => {
  await stopProcess(folder, 'sample', { signalName: 'SIGKILL' });
  rmSync(folder, { recursive: true, force: true });
});

/** A process that runs `script` and touches `ready` when its handlers are in place. */
async function start(script, input) {
  const ready = join(folder, 'ready');
  const record = await startProcess({
    runFolder: folder,
    name: 'sample',
    command: process.execPath,
    args: ['-e', `${script}; require('fs').writeFileSync(${JSON.stringify(ready)}, ''); setInterval(() => {}, 1000)`],
    logFile: join(folder, 'sample.log'),
    facts: { port: 4711 },
    input,
  });
  return { record, ready: () => existsSync(ready) };
}

describe('a process that outlives the command', () => {
  test('is recorded, found again and stopped', async () => {
    const { record, ready } = await start('');
    await waitUntilReady(record, ready);
    expect(runningRecord(folder, 'sample')).toMatchObject({ pid: record.pid, port: 4711 });
    expect(await stopProcess(folder, 'sample')).toBe('stopped');
    expect(isSameProcess(record)).toBe(false);
    expect(existsSync(recordFile(folder, 'sample'))).toBe(false);
    expect(await stopProcess(folder, 'sample')).toBe('absent');
  });

  test('is killed when it does not stop by the deadline', async () => {
    const { record, ready } = await start("process.on('SIGTERM', () => {})");
    await waitUntilReady(record, ready);
    expect(await stopProcess(folder, 'sample', { deadlineMs: 100 })).toBe('killed');
    expect(isSameProcess(record)).toBe(false);
  });

  test('is left alone when the recorded pid now is another process', async () => {
    writeFileSync(
      recordFile(folder, 'sample'),
      JSON.stringify({ name: 'sample', pid: process.pid, identity: 'an earlier boot/1', stopSignal: 'SIGKILL' }),
    );
    expect(runningRecord(folder, 'sample')).toBeUndefined();
    expect(await stopProcess(folder, 'sample')).toBe('absent');
    expect(processIdentity(process.pid)).toBeTruthy();
  });

  test('is read to its end what it is given', async () => {
    const result = join(folder, 'result');
    const { record } = await start(
      `process.stdin.pipe(require('fs').createWriteStream(${JSON.stringify(result)})).on('finish', () => require('fs').writeFileSync(${JSON.stringify(`${result}.done`)}, ''))`,
      'x'.repeat(200_000),
    );
    await waitUntilReady(record, () => existsSync(`${result}.done`));
    expect(readFileSync(result, 'utf8')).toHaveLength(200_000);
  });

  test('that ends while starting fails with the end of its log', async () => {
    const { record } = await start("console.log('no such table'); process.exit(3)");
    await expect(waitUntilReady(record, () => false)).rejects.toThrow(/sample ended while starting.*no such table/s);
  });
});
