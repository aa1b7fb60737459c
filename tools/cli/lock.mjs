import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';
import { ensureFolder } from './home.mjs';
import { isSameProcess, processIdentity } from './process-identity.mjs';

/** Takes the lock file, or returns undefined when a living process holds it. A dead holder's lock is taken over. @returns the release */
export function tryLock(file) {
  ensureFolder(dirname(file));
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) }));
  try {
    if (!link(own, file)) {
      if (isSameProcess(readHolder(file))) return undefined;
      rmSync(file, { force: true });
      if (!link(own, file)) return undefined;
    }
  } finally {
    rmSync(own, { force: true });
  }
  const release = () => {
    process.off('exit', release);
    if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
  };
  process.on('exit', release);
  return release;
}

/** A hard link is made whole or not at all, unlike a file that is written after it was created. */
function link(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (cause) {
    if (cause.code === 'EEXIST') return false;
    throw cause;
  }
}

function readHolder(file) {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  } catch {
    return undefined;
  }
}

/** Runs `work` while no other command of this copy changes the same set of processes. */
export async function withLock(file, progress, work, { deadlineMs = 10 * 60_000 } = {}) {
  const end = Date.now() + deadlineMs;
  let told = false;
  for (;;) {
    const release = tryLock(file);
    if (release) {
      try {
        return await work();
      } finally {
        release();
      }
    }
    if (!told) progress.note('… waiting for another roundhouse command of this copy');
    told = true;
    if (Date.now() > end) throw new Failure(`${file} is held by process ${readHolder(file)?.pid} for too long.`);
    await sleep(200);
  }
}
