import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inheritedBy } from './inherited.mjs';
import { keyVariablesOf } from './key-ring.mjs';
import { ensureFolder, homeFolder, projectRoot } from './home.mjs';
import { readRecord, recordedNames, runningRecord, startProcess, stopProcess } from './managed-process.mjs';
import { nodeOptionsOf } from './node-options.mjs';
import { isPortFree } from './port.mjs';
import { waitUntilReady } from './readiness.mjs';
import { startSupervisor, stopSupervisor } from './supervisor.mjs';
import { answersWell, timedFetch } from './timed-fetch.mjs';

/** The ledger's role is for those that own it; every other app is a worker. */
const ledgerApps = new Set(['gateway', 'scheduler']);
const portTries = 20;
/** What is ready so soon needs no line. */
const quietMs = 2_000;
const stopDeadlineMs = 32_000; // the services' own deadline is 25 s

export const applicationRunFolder = join(homeFolder, 'run');
export const logFolder = join(homeFolder, 'logs');
export const storageFolder = join(homeFolder, 'storage');

/** Every app with a built entry point, the gateway first. */
export function builtApps(root = projectRoot) {
  const folder = join(root, 'apps');
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'dist/main.js')))
    : [];
  return names.sort((a, b) => Number(b === 'gateway') - Number(a === 'gateway') || a.localeCompare(b));
}

/**
 * The environment of one service: the caller's without what is only for set-up and without other services' secrets, and its own URL,
 * role, keys and port. A caller's ROUNDHOUSE_* setting that we do not decide here (log level, provider addresses) reaches the service.
 */
export function serviceEnvironment(
  app,
  { urls, amqpUrl, amqpUrls = {}, ports, keys, diagnosticsTokens, marketFolders, storage },
  env = process.env,
) {
  const inherited = inheritedBy(app, env);
  const own = {
    NODE_ENV: env.NODE_ENV ?? 'production',
    ROUNDHOUSE_DATABASE_URL: ledgerApps.has(app) ? urls.gateway : urls.worker,
    ROUNDHOUSE_AMQP_URL: amqpUrls[app] ?? amqpUrl,
    ROUNDHOUSE_HEALTH_HOST: '127.0.0.1',
    ROUNDHOUSE_HEALTH_PORT: String(ports.health),
    // These the caller may decide; we only have a value for them.
    ROUNDHOUSE_STORAGE_DIR: env.ROUNDHOUSE_STORAGE_DIR || storage,
    ROUNDHOUSE_MARKET_DATA_DIR: [env.ROUNDHOUSE_MARKET_DATA_DIR, ...marketFolders].filter(Boolean).join(delimiter),
  };
  if (diagnosticsTokens[app]) own.ROUNDHOUSE_DIAGNOSTICS_TOKEN = diagnosticsTokens[app];
  for (const [name, value] of Object.entries(keyVariablesOf(app, keys))) own[name] = inherited[name] || value;
  if (ports.http) {
    Object.assign(own, {
      ROUNDHOUSE_HTTP_HOST: env.ROUNDHOUSE_HTTP_HOST || '127.0.0.1',
      ROUNDHOUSE_HTTP_PORT: String(ports.http),
    });
  }
  return { ...inherited, ...own };
}

/** Of what is built: a service that runs other code is started again. The build writes unchanged files anew, so their times say nothing. */
export function codeOf(root) {
  const hash = createHash('sha256');
  for (const group of ['apps', 'libs']) {
    for (const name of readdirSync(join(root, group)).sort()) {
      const dist = join(root, group, name, 'dist');
      if (!existsSync(dist)) continue;
      const entries = readdirSync(dist, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      for (const file of files.sort()) hash.update(file.slice(root.length)).update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

/** What a running service was started with; only the variables that it reads count. */
export function fingerprint(env, code) {
  const relevant = Object.entries(env).filter(([name]) => /^(ROUNDHOUSE|OTEL|NODE)_/.test(name));
  return createHash('sha256')
    .update(JSON.stringify([relevant.sort(), code]))
    .digest('hex')
    .slice(0, 16);
}

/** Where a service says that it is ready: the gateway on its REST port, the others on their health port. */
export function readyUrl(record) {
  return `http://127.0.0.1:${record.http_port ?? record.health_port}/readyz`;
}

export function isReady(record) {
  return answersWell(readyUrl(record), 3_000);
}

/** What a service that answers says that it still needs, or is degraded by. */
async function whatIsAmiss(record) {
  try {
    const { text } = await timedFetch(readyUrl(record), { timeoutMs: 3_000 });
    const missing = JSON.parse(text).checks.filter(({ ok }) => !ok);
    return missing.map(({ name, reason }) => `${name}: ${reason}`).join(', ');
  } catch {
    return undefined; // it does not even say so
  }
}

/**
 * Starts what does not run or runs with an older build or environment, waits until all are ready, and has them looked after from then on.
 * @param {(text: string) => void} update is told what is waited for @returns the records by name
 */
export async function startApplication(apps, settings, store, update = () => {}) {
  ensureFolder(homeFolder);
  ensureFolder(logFolder);
  ensureFolder(storageFolder, 0o700);
  await stopSupervisor();
  const starts = await Promise.all(apps.map((app) => planApp(app, settings, store)));
  const records = await Promise.all(starts.map(startApp));
  const waiting = new Set(apps);
  // When one fails nobody waits for the others.
  const failed = new AbortController();
  const since = Date.now();
  await Promise.all(
    records.map(async (record) => {
      const { signal } = failed;
      const options = { everyMs: 150, explain: () => whatIsAmiss(record), signal };
      await waitUntilReady(record, () => isReady(record), options).catch((error) => {
        failed.abort();
        throw error;
      });
      waiting.delete(record.name);
      if (waiting.size > 0 && !signal.aborted && Date.now() - since > quietMs)
        update(`waiting for ${[...waiting].join(', ')}`);
    }),
  );
  await startSupervisor(starts);
  return Object.fromEntries(records.map((record) => [record.name, record]));
}

/** How a service is started: what startProcess takes. */
async function planApp(app, settings, store) {
  const running = runningRecord(applicationRunFolder, app);
  const ports = { health: running?.health_port ?? (await store.port(`${app}_health_port`)) };
  if (app === 'gateway') ports.http = await gatewayPort(running, store);
  const env = serviceEnvironment(app, { ...settings, ports });
  return {
    runFolder: applicationRunFolder,
    name: app,
    command: process.execPath,
    args: [...nodeOptionsOf(app), `apps/${app}/dist/main.js`],
    env,
    cwd: projectRoot,
    logFile: join(logFolder, `${app}.log`),
    facts: { health_port: ports.health, http_port: ports.http, fingerprint: fingerprint(env, settings.code) },
  };
}

async function startApp(start) {
  const running = runningRecord(applicationRunFolder, start.name);
  if (running?.fingerprint === start.facts.fingerprint) return running;
  if (running) await stopProcess(applicationRunFolder, start.name, { deadlineMs: stopDeadlineMs });
  return startProcess(start);
}

/** ROUNDHOUSE_HTTP_PORT when the caller sets it, else the remembered one: links to it are in use. A port may take a moment to become free. */
async function gatewayPort(running, store) {
  if (process.env.ROUNDHOUSE_HTTP_PORT) return Number(process.env.ROUNDHOUSE_HTTP_PORT);
  if (running?.http_port) return running.http_port;
  const remembered = store.get('gateway_http_port');
  for (let tries = 0; remembered && tries < portTries && !(await isPortFree(remembered)); tries += 1) await sleep(250);
  return store.port('gateway_http_port');
}

/** SIGTERM to all at once; each finishes or hands back its jobs. @returns {Promise<Record<string, string>>} */
export async function stopApplication() {
  await stopSupervisor();
  const names = recordedNames(applicationRunFolder);
  const outcomes = await Promise.all(
    names.map((name) => stopProcess(applicationRunFolder, name, { deadlineMs: stopDeadlineMs })),
  );
  return Object.fromEntries(
    names.map((name, index) => [name, outcomes[index]]).filter(([, outcome]) => outcome !== 'absent'),
  );
}

export async function applicationStatus(apps = builtApps()) {
  const names = [...new Set([...apps, ...recordedNames(applicationRunFolder)])];
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await statusOf(name)])));
}

async function statusOf(name) {
  const last = readRecord(applicationRunFolder, name);
  const { restarts, restarted_at, restart_at, gave_up } = last ?? {};
  const record = runningRecord(applicationRunFolder, name);
  if (!record) return { running: false, ready: false, restarts, restart_at, gave_up, log: last?.logFile };
  const { pid, health_port: healthPort, http_port: httpPort, logFile, startedAt } = record;
  const port = httpPort ?? healthPort;
  const started = { started_at: startedAt, restarts, restarted_at };
  const [ready, amiss] = await Promise.all([isReady(record), whatIsAmiss(record)]);
  const ports = { port, health_port: healthPort };
  return { running: true, ready, amiss, pid, ...ports, log: logFile, ...started };
}
