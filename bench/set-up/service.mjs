import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeOptionsOf } from '../../tools/cli/node-options.mjs';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url));
const readyMs = 30_000;

const entry = (app, file) => `apps/${app}/dist/${file}.js`;

/** Nothing of the caller's platform settings: the run decides them all. */
function environment(variables) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(ROUNDHOUSE|OTEL)_/.test(name));
  return { ...Object.fromEntries(inherited), NODE_ENV: 'production', ...variables };
}

/** Runs a command of an app to its end. @returns {Promise<string>} its standard output */
export async function runCommand(app, file, args, variables) {
  const command = [entry(app, file), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    cwd: projectRoot,
    env: environment(variables),
  });
  return stdout;
}

/**
 * A service as its users run it: the built process, with the options that `up` starts it with. Extra options for node come from
 * BENCH_NODE_OPTIONS_<APP>, e.g. --cpu-prof.
 * @returns {Promise<{pid: number, ports: Record<string, number>, stop: () => Promise<void>}>} when it says that it is ready
 */
export async function startService(app, variables) {
  const extra = (process.env[`BENCH_NODE_OPTIONS_${app.toUpperCase()}`] ?? '').split(' ').filter(Boolean);
  const child = spawn(process.execPath, [...nodeOptionsOf(app), ...extra, entry(app, 'main')], {
    cwd: projectRoot,
    env: environment({ ROUNDHOUSE_HEALTH_PORT: '0', ...variables }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  const log = [];
  const ports = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.push(line);
      if (log.length > 50) log.shift();
      if (line.includes('"service.started"')) resolve(JSON.parse(line).ports);
    });
  });
  const failed = (reason) => new Error(`${app} ${reason}. Its log ends with:\n${log.join('\n')}`);
  let running = false;
  const late = sleep(readyMs, undefined, { ref: false }).then(() => {
    if (running) return undefined;
    child.kill('SIGKILL');
    throw failed(`was not ready after ${readyMs / 1000} s`);
  });
  const early = ended.then((code) => {
    throw failed(`ended at start (${code})`);
  });
  const started = await Promise.race([ports, late, early]);
  running = true;
  early.catch(() => undefined); // from now on it ends because it is told to
  return {
    pid: child.pid,
    ports: started,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
