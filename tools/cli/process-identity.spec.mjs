import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isSameProcess, isZombie, processIdentity, startTicks } from './process-identity.mjs';

const after = 'R 1 42 42 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 4096 100';

describe('the identity of a process', () => {
  test('the start ticks are found behind any name', () => {
    expect(startTicks(`42 (node) ${after}`)).toBe('987654');
    expect(startTicks(`42 (a) b (c)) ${after}`)).toBe('987654');
    expect(isZombie(`42 (a) Z) ${after}`)).toBe(false);
    expect(isZombie('42 (node) Z 1 42')).toBe(true);
  });

  test('a running process is itself, and not another with its pid', () => {
    const own = { pid: process.pid, identity: processIdentity(process.pid) };
    expect(own.identity).toBeTruthy();
    expect(isSameProcess(own)).toBe(true);
    expect(isSameProcess({ ...own, identity: 'an earlier boot/1' })).toBe(false);
    expect(isSameProcess({ pid: process.pid })).toBe(false);
    expect(isSameProcess(undefined)).toBe(false);
  });

  test('a process that has ended is nobody', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const record = { pid: child.pid, identity: processIdentity(child.pid) };
    expect(isSameProcess(record)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(isSameProcess(record)).toBe(false);
  });
});
