import { createTestBroker, createTestDatabase, waitFor } from '@roundhouse/testing';
import { applyTopology, topology } from '@roundhouse/rabbitmq';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/**
 * What the Dockerfile puts into the image, made in a folder, where no container engine is needed: manifests, the installed packages less
 * those that only build and test (by the lock file's own account, as `npm prune --omit=dev` goes by), the built files. A service has to
 * start from that alone.
 */
const root = resolve(import.meta.dirname, '..');
const run = promisify(execFile);
let folder: string;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!existsSync(join(root, 'apps/gateway/dist/main.js'))) throw new Error('Nothing is built: npm run build');
  folder = await mkdtemp(join(tmpdir(), 'image-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  await copyManifests();
  await copyPackages();
  await copyBuilt();
}, 180_000);
afterAll(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
}, 60_000);

const copy = async (path: string): Promise<void> => {
  if (!existsSync(join(root, path))) return;
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await cp(join(root, path), join(folder, path), { recursive: true });
};

async function workspaces(): Promise<string[]> {
  const groups = await Promise.all(
    ['apps', 'libs'].map(async (group) => (await readdir(join(root, group))).map((name) => `${group}/${name}`)),
  );
  return groups.flat().filter((path) => existsSync(join(root, path, 'package.json')));
}

async function copyManifests(): Promise<void> {
  for (const path of ['package.json', 'package-lock.json', '.npmrc']) await copy(path);
  for (const path of await workspaces()) await copy(`${path}/package.json`);
}

interface Lock {
  packages: Record<string, { dev?: boolean; link?: boolean }>;
}

async function copyPackages(): Promise<void> {
  // Hard links where the file system allows them: a copy would be some hundred megabytes.
  const link = (option: string) => run('cp', [option, join(root, 'node_modules'), folder], { timeout: 120_000 });
  await link('-al').catch(() => link('-a'));
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const development = Object.entries(packages).filter(([path, entry]) => entry.dev && path.startsWith('node_modules/'));
  for (const [path] of development) await rm(join(folder, path), { recursive: true, force: true });
}

/** Everything of a workspace but its sources, packages of its own included, as the build stage leaves it. */
async function copyBuilt(): Promise<void> {
  for (const path of await workspaces()) {
    const entries = await readdir(join(root, path));
    for (const entry of entries) if (!['src', 'e2e'].includes(entry)) await copy(`${path}/${entry}`);
  }
  for (const file of ['healthcheck.mjs', 'diagnose.mjs', 'migrate.sh']) await copy(`deploy/${file}`);
}

interface Running {
  child: ChildProcess;
  output: string[];
  port: number;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function start(app: string, env: Record<string, string>): Promise<Running> {
  const port = await freePort();
  const child = spawn(process.execPath, ['--enable-source-maps', `apps/${app}/dist/main.js`], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      ROUNDHOUSE_HTTP_PORT: String(app === 'gateway' ? port : 0),
      ROUNDHOUSE_HEALTH_PORT: String(app === 'gateway' ? 0 : port),
      ROUNDHOUSE_STORAGE_DIR: join(folder, 'storage'),
      ROUNDHOUSE_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
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
  return { child, output, port };
}

/** The container's own health check. */
async function isHealthy({ port, child, output }: Running): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${output.join('')}`);
  const env = { PATH: process.env.PATH, ROUNDHOUSE_HEALTH_PORT: String(port) };
  return run(process.execPath, ['deploy/healthcheck.mjs'], { cwd: folder, env }).then(
    () => true,
    () => false,
  );
}

it('has what runs and nothing that builds or tests', async () => {
  for (const path of [
    'node_modules/typescript',
    'node_modules/jest',
    'node_modules/nx',
    'node_modules/playwright-core',
  ])
    expect([path, existsSync(join(folder, path))]).toEqual([path, false]);
  const files = (await readdir(folder, { recursive: true })).filter((file) => !file.includes('node_modules'));
  expect(files.filter((file) => /\.(spec|e2e)\.|\.env$|\.tsx?$(?<!\.d\.ts)|(^|\/)src(\/|$)/.test(file))).toEqual([]);
  expect(files).toEqual(expect.arrayContaining(['apps/console/dist/index.html', 'apps/gateway/assets/status.js']));
  const { stdout } = await run('du', ['-sm', folder]);
  // Without the base image. Grows with the workloads' libraries; what builds would be twice as much again.
  expect(Number.parseInt(stdout, 10)).toBeLessThan(700);
}, 60_000);

it('the migration, the gateway and a worker start from it, and their health checks agree', async () => {
  const database = await createTestDatabase();
  cleanUps.push(() => database.drop());
  const broker = await createTestBroker();
  cleanUps.push(() => broker.drop());
  const urls = { ROUNDHOUSE_DATABASE_URL: database.url, ROUNDHOUSE_AMQP_URL: broker.url };
  const migration = {
    cwd: folder,
    env: { ...urls, PATH: process.env.PATH, ROUNDHOUSE_OWNER_DATABASE_URL: database.url },
  };
  // As deploy/migrate.sh does.
  await run('sh', ['deploy/migrate.sh'], { ...migration, timeout: 90_000 });
  await applyTopology(broker.url, topology());
  const started = await Promise.all(['gateway', 'probe', 'importer'].map((app) => start(app, urls)));
  for (const service of started) {
    await waitFor(() => isHealthy(service), { timeoutMs: 60_000, intervalMs: 300, describe: 'the health check' });
  }
  const [gateway] = started as [Running];
  const page = await fetch(`http://127.0.0.1:${gateway.port}/`);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<!doctype html>')]);
}, 180_000);
