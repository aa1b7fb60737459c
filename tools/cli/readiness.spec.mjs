import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess, stopProcess } from './managed-process.mjs';
import { freePort } from './port.mjs';
import { waitUntilReady } from './readiness.mjs';
import { cpuSeconds, SignsOfLife } from './signs-of-life.mjs';

let folder;
let logFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'roundhouse-ready-'));
  logFile = join(folder, 'sample.log');
});
afterEach(async () => {
  await stopProcess(folder, 'sample', { signalName: 'SIGKILL' });
  rmSync(folder, { recursive: true, force: true });
});

const idle = 'setInterval(() => {}, 1000)';
function start(script = idle, facts = {}) {
  const args = ['-e', script];
  return startProcess({ runFolder: folder, name: 'sample', command: process.execPath, args, logFile, facts });
}

/** True once `count` looks, a little apart, have shown nothing: what starting took is over. */
async function quiet(signs, count = 3) {
  for (let still = 0; still < count;) {
    still = (await signs.look()) ? 0 : still + 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('signs of life', () => {
  test('a log that grows', async () => {
    const signs = new SignsOfLife(await start());
    await quiet(signs);
    appendFileSync(logFile, 'a line\n');
    expect([await signs.look(), await signs.look()]).toEqual([true, false]);
  });

  test('a port that opens', async () => {
    const port = await freePort();
    const signs = new SignsOfLife(await start(idle, { http_port: port }));
    await quiet(signs);
    const server = createServer();
    await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect([await signs.look(), await signs.look()]).toEqual([true, false]);
    await new Promise((resolve) => server.close(resolve));
  });

  test('CPU that it or a child of its group uses, not that of an idle one', async () => {
    const child = `require('child_process').spawn(process.execPath, ['-e', 'for(;;);'])`;
    const record = await start(`${child}; ${idle}`);
    const signs = new SignsOfLife(record);
    while (!(await signs.look())) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(cpuSeconds(record.pid)).toBeGreaterThan(1);
    await stopProcess(folder, 'sample', { signalName: 'SIGKILL' });
    process.kill(-record.pid, 'SIGKILL');
    await quiet(new SignsOfLife(await start()));
  });
});

describe('waiting for a process', () => {
  test('goes on for as long as it makes progress, far beyond the patience', async () => {
    const record = await start("let n = 0; setInterval(() => console.log('step', ++n), 100)");
    const since = Date.now();
    await waitUntilReady(record, () => Date.now() - since > 6_000, { patienceMs: 2_000 });
    expect(Date.now() - since).toBeGreaterThan(6_000);
  });

  test('ends when nothing is seen of it; only lines of this start are quoted', async () => {
    writeFileSync(logFile, 'of an earlier start\n');
    const record = await start();
    const explain = async () => 'waits for the broker';
    const failure = await waitUntilReady(record, () => false, { patienceMs: 500, explain }).catch((error) => error);
    expect(failure.message).toMatch(
      /written nothing, opened no port.*\(waits for the broker\).*Run the same command again/,
    );
    expect(failure.message).toContain(`written nothing to ${logFile}`);
    expect(failure.message).not.toContain('earlier');
    appendFileSync(logFile, 'of this start\n');
    await expect(waitUntilReady(record, () => false, { patienceMs: 500 })).rejects.toThrow(
      /ends with:\nof this start$/,
    );
  });

  test('ends without a failure when it is not wanted any more', async () => {
    const record = await start();
    const unwanted = new AbortController();
    const waiting = waitUntilReady(record, () => false, { signal: unwanted.signal });
    unwanted.abort();
    expect(await waiting).toBe(false);
  });

  test('ends at the latest after the longest time, also of one that is busy for ever', async () => {
    const record = await start("setInterval(() => console.log('still at it'), 20)");
    await expect(waitUntilReady(record, () => false, { longestMs: 1_500 })).rejects.toThrow(/gets nowhere/);
  });
});
