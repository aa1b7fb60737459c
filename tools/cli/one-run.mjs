import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureFolder, homeFolder } from './home.mjs';
import { testServices } from './instances.mjs';
import { tryLock } from './lock.mjs';

const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'];
export const interruptedExitCode = 130;

/**
 * Runs `work` with a PostgreSQL and a RabbitMQ that live for this run and are gone after it, also when it fails or is interrupted.
 * @param {string} kind names the folder below .roundhouse/
 * @param {(run: {found: object, folder: string, spawnAndWait: Function, interrupted: () => boolean}) => Promise<T>} work
 * @returns {Promise<{interrupted: boolean, value?: T}>}
 * @template T
 */
export async function withOwnServices(kind, names, progress, work) {
  const { folder, release } = claimFolder(kind);
  const interruption = watchInterrupts();
  const services = testServices(folder, progress);
  try {
    // Data that an earlier run left because it was killed.
    await services.destroy();
    ensureFolder(folder);
    const found = await services.up(names);
    if (interruption.signal) return { interrupted: true };
    const value = await work({ found, folder, spawnAndWait: (...args) => spawnAndWait(interruption, ...args) });
    return { interrupted: Boolean(interruption.signal), value };
  } finally {
    await services.destroy();
    interruption.stop();
    release();
  }
}

/** `.roundhouse/test`, or `test-2` and so on while another run holds it: two runs side by side have instances of their own. */
function claimFolder(kind) {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? kind : `${kind}-${number}`;
    const release = tryLock(join(homeFolder, `${name}.lock`));
    if (release) return { folder: join(homeFolder, name), release };
  }
}

/** From now on a signal does not end us before the instances are stopped; the child gets it. */
function watchInterrupts() {
  const state = { signal: undefined, child: undefined };
  const listener = (signal) => {
    state.signal = signal;
    state.child?.kill(signal);
  };
  for (const signal of interrupts) process.on(signal, listener);
  state.stop = () => interrupts.forEach((signal) => process.off(signal, listener));
  return state;
}

/** On this terminal. The caller's ROUNDHOUSE_* variables stay out: those of a running `up` would let a test reach its data. */
function spawnAndWait(interruption, args, { cwd, env }) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ROUNDHOUSE_'));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    interruption.child = child;
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
