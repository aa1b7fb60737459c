import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, runOrFail } from './command.mjs';
import { brokerPassword } from './broker-users.mjs';
import { composeAnswers } from './compose.mjs';
import { Failure } from './failure.mjs';
import { copyId, ensureFolder, homeFolder, projectRoot } from './home.mjs';
import { again } from './readiness.mjs';
import { diagnosticsTokens, keyRing, keyVariable, previousVariable, tokenVariable } from './key-ring.mjs';
import { Store } from './store.mjs';
import { answersWell } from './timed-fetch.mjs';

// Whether a container makes progress cannot be seen from here.
const waitedForMs = 10 * 60_000;
const folder = join(homeFolder, 'containers');
const services = ['gateway', 'scheduler', 'importer', 'scorer', 'mesh', 'digest', 'notifier', 'probe'];
const secrets = [
  'POSTGRES_PASSWORD',
  'RABBITMQ_PASSWORD',
  'ROUNDHOUSE_OWNER_PASSWORD',
  'ROUNDHOUSE_GATEWAY_PASSWORD',
  'ROUNDHOUSE_WORKER_PASSWORD',
  ...services.map(brokerPassword),
];
/** Of what is only looked at; another copy on this machine has its own. */
const ports = ['RABBITMQ_MANAGEMENT_PORT', 'JAEGER_PORT'];

function compose(...args) {
  return [
    'compose',
    '--project-name',
    `roundhouse-${copyId(homeFolder)}-all`,
    '--env-file',
    join(folder, 'env'),
    '-f',
    join(projectRoot, 'docker-compose.yml'),
    ...args,
  ];
}

/** `up --docker`: docker-compose.yml as it is, with passwords and a port of this copy's own. */
export async function startContainers(progress) {
  if (!(await composeAnswers()))
    throw new Failure('No Docker engine with Compose answers. Without --docker everything runs as plain processes.');
  ensureFolder(folder, 0o700);
  const store = containerStore();
  const port =
    store.get('gateway_http_port') && (await isRunning())
      ? store.get('gateway_http_port')
      : await store.port('gateway_http_port');
  const variables = secrets.map((name) => `${name}=${store.secret(name)}`);
  variables.push(...keyLines(store));
  variables.push(`ROUNDHOUSE_HTTP_PORT=${port}`);
  for (const name of ports) variables.push(`${name}=${store.get(name) ?? (await store.port(name))}`);
  writeFileSync(join(folder, 'env'), `${variables.join('\n')}\n`, { mode: 0o600 });
  const options = { cwd: projectRoot, timeoutMs: 30 * 60_000 };
  await progress.step('building the image', () =>
    runOrFail('docker compose build', 'docker', compose('build'), options),
  );
  const url = `http://127.0.0.1:${port}`;
  await progress.step('starting the containers', async () => {
    // Not `up --wait`: it takes the one-shot migration's end for a failure.
    await runOrFail('docker compose up', 'docker', compose('up', '--detach'), options);
    await waitForGateway(url);
  });
  if (!store.get('api_key')) store.set('api_key', await createKeyInContainer());
  return { url, apiKey: store.get('api_key'), keyFile: store.file, services: {} };
}

/** Passwords, keys and ports of the containers. */
export const containerStore = () => new Store(folder);

/** For Compose, which hands each service its own. */
function keyLines(store) {
  const keys = keyRing(store, [store.get('ROUNDHOUSE_ENCRYPTION_KEY')].filter(Boolean));
  return [
    ...Object.entries(keys).flatMap(([purpose, { current, previous }]) => [
      `${keyVariable(purpose)}=${current}`,
      `${previousVariable(purpose)}=${previous.join(',')}`,
    ]),
    ...Object.entries(diagnosticsTokens(store)).map(([service, token]) => `${tokenVariable(service)}=${token}`),
  ];
}

async function waitForGateway(url) {
  const end = Date.now() + waitedForMs;
  for (;;) {
    if (await answersWell(`${url}/readyz`, 3_000)) return;
    if (Date.now() > end)
      throw new Failure(
        `The gateway container is not ready after ${waitedForMs / 1000} s: \`docker logs\` of it says why. ${again}`,
      );
    await sleep(500);
  }
}

async function createKeyInContainer() {
  const command = [
    'node',
    'apps/gateway/dist/api-key.js',
    'create',
    '--tenant',
    'default',
    '--name',
    'cli',
    '--scopes',
    'admin',
    '--json',
  ];
  const output = await runOrFail('Creating an API key', 'docker', compose('exec', '--no-TTY', 'gateway', ...command));
  return JSON.parse(output.slice(output.indexOf('{'))).key;
}

async function isRunning() {
  return Object.keys(await containerStatus()).length > 0;
}

/** By service: running, and ready as its health check says. Empty when `up --docker` was never called or no engine answers. */
export async function containerStatus() {
  if (!existsSync(join(folder, 'env'))) return {};
  const { code, stdout } = await run('docker', compose('ps', '--format', 'json'), { timeoutMs: 10_000 });
  if (code !== 0) return {};
  const rows = stdout.trim().startsWith('[')
    ? JSON.parse(stdout)
    : stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
  return Object.fromEntries(
    rows.map(({ Service, State, Health }) => [
      Service,
      { running: State === 'running', ready: State === 'running' && (Health || 'healthy') === 'healthy' },
    ]),
  );
}

/** @returns {Promise<Record<string, string>>} what was stopped */
export async function stopContainers() {
  const status = await containerStatus();
  const names = Object.keys(status);
  if (names.length > 0) await runOrFail('docker compose down', 'docker', compose('down'), { timeoutMs: 3 * 60_000 });
  return Object.fromEntries(names.map((name) => [name, 'stopped']));
}
