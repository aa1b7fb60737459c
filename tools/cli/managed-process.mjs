import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';
import { ensureFolder } from './home.mjs';
import { isSameProcess, processIdentity } from './process-identity.mjs';

/** Where a set of processes keeps its records: one JSON file a process, written before anything waits for it. */
export function recordFile(runFolder, name) {
  return join(runFolder, `${name}.json`);
}

export function readRecord(runFolder, name) {
  const file = recordFile(runFolder, name);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The record of a running process of ours, or undefined when it has ended, was never started or belongs to an earlier boot. */
export function runningRecord(runFolder, name) {
  const record = readRecord(runFolder, name);
  return isSameProcess(record) ? record : undefined;
}

export function recordedNames(runFolder) {
  if (!existsSync(runFolder)) return [];
  return readdirSync(runFolder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length));
}

/**
 * Starts a process that outlives this one, its output appended to `logFile`, and records it. `stopSignal` and `facts` are kept in the
 * record for `stopProcess` and `status`. `input` is all that it can read on its standard input.
 */
export async function startProcess({
  runFolder,
  name,
  command,
  args,
  env,
  cwd,
  uid,
  gid,
  logFile,
  stopSignal = 'SIGTERM',
  facts = {},
  input,
}) {
  ensureFolder(runFolder);
  const log = openSync(logFile, 'a', 0o600);
  const logStart = fstatSync(log).size;
  try {
    const stdin = input === undefined ? 'ignore' : 'pipe';
    const child = spawn(command, args, { env, cwd, uid, gid, detached: true, stdio: [stdin, log, log] });
    await Promise.race([once(child, 'spawn'), once(child, 'error').then(([cause]) => Promise.reject(cause))]);
    if (input !== undefined) await finished(child.stdin.end(input));
    child.unref();
    const record = {
      name,
      pid: child.pid,
      identity: processIdentity(child.pid),
      stopSignal,
      logFile,
      logStart,
      startedAt: new Date().toISOString(),
      ...facts,
    };
    writeRecord(runFolder, record);
    return record;
  } catch (cause) {
    throw new Failure(`${name} could not be started (${command}): ${cause.message}`, { cause });
  } finally {
    closeSync(log);
  }
}

/** The end of what a process has written since it was started; what earlier ones wrote to the same file is not its own. */
export function linesOfThisStart({ logFile, logStart = 0 }, count = 20) {
  if (!existsSync(logFile)) return '';
  return readFileSync(logFile).subarray(logStart).toString('utf8').trimEnd().split('\n').slice(-count).join('\n');
}

/** Changes facts of a record; of a process that has ended too. */
export function noteInRecord(runFolder, name, facts) {
  const record = readRecord(runFolder, name);
  if (record) writeRecord(runFolder, { ...record, ...facts });
}

function writeRecord(runFolder, record) {
  writeFileSync(recordFile(runFolder, record.name), `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

async function hasEnded(record, deadlineMs) {
  const end = Date.now() + deadlineMs;
  while (isSameProcess(record)) {
    if (Date.now() > end) return false;
    await sleep(50);
  }
  return true;
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (cause) {
    if (cause.code !== 'ESRCH') throw cause;
  }
}

/**
 * Stops a recorded process: its own signal (or `signalName`) first, SIGKILL to its process group after the deadline. A record whose pid now belongs to
 * somebody else is only removed.
 * @returns 'stopped', 'killed', or 'absent' when it did not run
 */
export async function stopProcess(runFolder, name, { deadlineMs = 30_000, signalName } = {}) {
  const record = readRecord(runFolder, name);
  let outcome = 'absent';
  if (isSameProcess(record)) {
    signal(record.pid, signalName ?? record.stopSignal);
    outcome = 'stopped';
    if (!(await hasEnded(record, deadlineMs))) {
      signal(-record.pid, 'SIGKILL');
      signal(record.pid, 'SIGKILL');
      await hasEnded(record, 5_000);
      outcome = 'killed';
    }
  }
  rmSync(recordFile(runFolder, name), { force: true });
  return outcome;
}
