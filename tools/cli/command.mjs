import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure } from './failure.mjs';

/** The path of a program on the PATH, or undefined. */
export function findProgram(name, path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, name);
    if (isExecutable(file)) return file;
  }
  return undefined;
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program to its end without a shell. @returns {Promise<{code: number, stdout: string, stderr: string}>} code -1: not started or timed out */
export function run(command, args, { timeoutMs = 60_000, ...options } = {}) {
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { encoding: 'utf8', timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024, ...options },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
        resolve({ code, stdout, stderr: stderr || (code === -1 ? String(error?.message ?? '') : '') });
      },
    );
  });
}

/** Like `run`, but a failure is a `Failure` with the end of the output. */
export async function runOrFail(what, command, args, options) {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  const output = `${stdout}\n${stderr}`.trim().split('\n').slice(-40).join('\n');
  throw new Failure(`${what} failed (${[command, ...args].join(' ')}, exit code ${code}):\n${output}`);
}

/** Runs a program on this terminal. Standard output goes to our standard error when `quietStdout`, so that --json stays one object. */
export function runAttached(command, args, { quietStdout = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', quietStdout ? process.stderr : 'inherit', 'inherit'],
      ...options,
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? 1, signal }));
  });
}
