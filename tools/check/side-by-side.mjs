import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * @typedef {object} Step
 * @property {string} label
 * @property {string[][]} commands run one after the other, all of them
 *
 * @typedef {object} Outcome
 * @property {string} label
 * @property {boolean} passed
 * @property {number} seconds
 * @property {string} output of the commands that failed
 */

/**
 * Runs steps in their order, as many at a time as there are cores.
 * @param {Step[]} steps
 * @param {{cwd: string, done?: (outcome: Outcome) => void, atOnce?: number}} options `done` is called as each ends
 * @returns {Promise<Outcome[]>} in the order of the steps
 */
export async function sideBySide(steps, { cwd, done = () => {}, atOnce = availableParallelism() }) {
  const outcomes = [];
  const waiting = steps.entries();
  const lane = async () => {
    for (const [i, step] of waiting) {
      outcomes[i] = await runStep(step, cwd);
      done(outcomes[i]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return outcomes;
}

async function runStep({ label, commands }, cwd) {
  const since = performance.now();
  const failures = [];
  for (const command of commands) {
    const { code, output } = await runCommand(command, cwd);
    if (code !== 0) failures.push(output.trim() || `${command.join(' ')}: exit code ${code}`);
  }
  const seconds = (performance.now() - since) / 1000;
  return { label, passed: failures.length === 0, seconds, output: failures.join('\n') };
}

/** Both streams as they come; a program that cannot be started has failed. */
function runCommand([program, ...args], cwd) {
  return new Promise((resolve) => {
    const chunks = [];
    const child = spawn(program, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NX_DAEMON: 'false' },
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    child.once('error', (error) => resolve({ code: -1, output: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output: Buffer.concat(chunks).toString() }));
  });
}
