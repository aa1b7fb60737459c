import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, installDependencies } from '../dependencies.mjs';
import { ensureFolder, homeFolder, projectRoot } from '../home.mjs';
import { testServices } from '../instances.mjs';
import { tryLock } from '../lock.mjs';
import { print } from '../output.mjs';
import { isSuccess, summaryLine, testCounts } from '../test-summary.mjs';

const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** `test`: every test on a PostgreSQL and a RabbitMQ that live for this run, and are gone after it, also when it fails or is interrupted. */
export async function test({ words, rest, progress }) {
  await installDependencies(progress);
  await build(progress);
  const { folder, release } = runFolder();
  const interruption = watchInterrupts();
  const services = testServices(folder, progress);
  try {
    // Data that an earlier run left because it was killed.
    await services.destroy();
    ensureFolder(folder);
    const found = await services.up(['postgres', 'rabbitmq']);
    if (interruption.signal) return 130;
    const resultFile = join(folder, 'jest.json');
    const code = await runJest({ words, rest, resultFile, env: testVariables(found), interruption });
    const counts = testCounts(existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : undefined);
    await services.destroy();
    if (counts.passed + counts.failed + counts.skipped === 0) progress.note('No test ran: that is a failure.');
    print(summaryLine(counts));
    if (interruption.signal) return 130;
    return code === 0 && isSuccess(counts) ? 0 : 1;
  } finally {
    await services.destroy();
    interruption.stop();
    release();
  }
}

/** `.roundhouse/test`, or `test-2` and so on while another run holds it: two runs side by side have instances of their own. */
function runFolder() {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? 'test' : `test-${number}`;
    const release = tryLock(join(homeFolder, `${name}.lock`));
    if (release) return { folder: join(homeFolder, name), release };
  }
}

function testVariables({ postgres, rabbitmq }) {
  return {
    ROUNDHOUSE_TEST_ADMIN_DATABASE_URL: postgres.url,
    ROUNDHOUSE_TEST_AMQP_URL: rabbitmq.url,
    ...(rabbitmq.management_url ? { ROUNDHOUSE_TEST_RABBITMQ_MANAGEMENT_URL: rabbitmq.management_url } : {}),
  };
}

/** From now on a signal does not end us before the instances are stopped; jest gets it. */
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

function runJest({ words, rest, resultFile, env, interruption }) {
  const jest = join(projectRoot, 'node_modules/jest/bin/jest.js');
  const flags = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'];
  const args = [...flags, jest, '--json', '--outputFile', resultFile, ...words, ...rest];
  // Variables of a running `up` would let a test reach its data.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('ROUNDHOUSE_'));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: projectRoot,
      env: { ...Object.fromEntries(own), ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    interruption.child = child;
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
