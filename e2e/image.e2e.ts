import { createTestBroker, createTestDatabase, keysOf, testKeys, waitFor } from '@roundhouse/testing';
import { applyTopology, topology } from '@roundhouse/rabbitmq';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/**
 * What the Dockerfile puts into the image, made in a folder, where no container engine is needed: the packages less those that only build
 * and test (by the lock file's own account, as `npm prune --omit=dev` goes by), and of every workspace what is built. Services have to start
 * from that alone. Packages are links, and Node is told to look for theirs beside the link: what is not in the folder is not found.
 */
const root = resolve(import.meta.dirname, '..');
const run = promisify(execFile);
let folder: string;
const keys = testKeys();
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!existsSync(join(root, 'apps/gateway/dist/main.js'))) throw new Error('Nothing is built: npm run build');
  folder = await mkdtemp(join(tmpdir(), 'image-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  await linkPackages();
  for (const path of await workspaces()) await linkBuilt(path);
  // Files that are served are copies: the server does not follow links.
  await rm(join(folder, 'apps/console/dist'));
  await cp(join(root, 'apps/console/dist'), join(folder, 'apps/console/dist'), { recursive: true });
  for (const file of ['healthcheck.mjs', 'diagnose.mjs', 'migrate.sh']) await link(`deploy/${file}`);
});
afterAll(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function link(path: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await symlink(join(root, path), join(folder, path));
}

interface Lock {
  packages: Record<string, { dev?: boolean; link?: boolean; resolved?: string }>;
}

async function linkPackages(): Promise<void> {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
  for (const [path, entry] of Object.entries(packages)) {
    const isOwn = /^(apps\/[^/]+\/|libs\/[^/]+\/)?node_modules\/(@[^/]+\/)?[^/]+$/.test(path);
    if (!isOwn || entry.dev || !existsSync(join(root, path))) continue;
    if (!entry.link) await link(path);
    else {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await symlink(join(folder, entry.resolved ?? ''), join(folder, path));
    }
  }
}

async function workspaces(): Promise<string[]> {
  const groups = await Promise.all(
    ['apps', 'libs'].map(async (group) => (await readdir(join(root, group))).map((name) => `${group}/${name}`)),
  );
  return groups.flat().filter((path) => existsSync(join(root, path, 'package.json')));
}

/** As the build stage leaves a workspace: without its sources. Its packages are linked already. */
async function linkBuilt(path: string): Promise<void> {
  const entries = await readdir(join(root, path));
  for (const entry of entries) if (!['src', 'e2e', 'node_modules'].includes(entry)) await link(`${path}/${entry}`);
}

/** Packages are looked for beside the link, not beside what it leads to. */
const beside = ['--preserve-symlinks', '--preserve-symlinks-main'];

interface Running {
  child: ChildProcess;
  output: string[];
}

/** The port it says it serves at, once it does. */
function portOf(output: string[]): number {
  const line = output
    .join('')
    .split('\n')
    .find((text) => text.includes('"service.started"'));
  if (!line) throw new Error(`It has not started: ${output.join('')}`);
  const { ports } = JSON.parse(line) as { ports: { http?: number; health?: number } };
  return (ports.http ?? ports.health) as number;
}

async function start(app: string, env: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, [...beside, `apps/${app}/dist/main.js`], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      ROUNDHOUSE_HTTP_PORT: '0',
      ROUNDHOUSE_HEALTH_PORT: '0',
      ROUNDHOUSE_STORAGE_DIR: join(folder, 'storage'),
      ...keysOf(app, keys),
      ...env,
    },
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => output.push(data.toString()));
  const exited = new Promise((done) => child.once('close', done));
  cleanUps.push(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  return { child, output };
}

/** The container's own health check. */
async function isHealthy({ child, output }: Running): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${output.join('')}`);
  const env = { PATH: process.env.PATH, ROUNDHOUSE_HEALTH_PORT: String(portOf(output)) };
  return run(process.execPath, ['deploy/healthcheck.mjs'], { cwd: folder, env }).then(
    () => true,
    () => false,
  );
}

it('has what runs and nothing that builds or tests', async () => {
  for (const name of ['typescript', 'jest', 'nx', 'playwright-core', 'vite', 'react'])
    expect([name, existsSync(join(folder, 'node_modules', name))]).toEqual([name, false]);
  for (const path of ['node_modules/fastify', 'apps/console/dist/index.html', 'apps/gateway/assets/status.js'])
    expect([path, existsSync(join(folder, path))]).toEqual([path, true]);
  for (const path of await workspaces()) expect([path, existsSync(join(folder, path, 'src'))]).toEqual([path, false]);
});

it('the migration, the gateway and a worker start from it, and their health checks agree', async () => {
  const database = await createTestDatabase();
  cleanUps.push(() => database.drop());
  const broker = await createTestBroker();
  cleanUps.push(() => broker.drop());
  const urls = { ROUNDHOUSE_DATABASE_URL: database.url, ROUNDHOUSE_AMQP_URL: broker.url };
  // As deploy/migrate.sh does, which is run by a shell that knows nothing of the links.
  const options = { cwd: folder, env: { PATH: process.env.PATH, ROUNDHOUSE_OWNER_DATABASE_URL: database.url } };
  for (const app of ['gateway', 'importer', 'mesh', 'probe'])
    await run(process.execPath, [...beside, `apps/${app}/dist/migrate.js`], { ...options, timeout: 120_000 });
  await applyTopology(broker.url, topology());
  const started = await Promise.all(['gateway', 'importer', 'mesh'].map((app) => start(app, urls)));
  for (const service of started) {
    await waitFor(() => isHealthy(service), { timeoutMs: 120_000, intervalMs: 300, describe: 'the health check' });
  }
  const [gateway] = started as [Running];
  const page = await fetch(`http://127.0.0.1:${portOf(gateway.output)}/`, { headers: { accept: 'text/html' } });
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<!doctype html>')]);
}, 300_000);
