import { waitFor } from '@roundhouse/testing';
import { rm } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server of the test's own, which it may stop, kill and wipe. Its port and password stay the same. */
export interface PrivateServer {
  readonly url: string;
  start(): Promise<void>;
  /** In order. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Removes what it has stored; only while it does not run. */
  wipe(): Promise<void>;
  destroy(): Promise<void>;
}

export interface PrivateBroker extends PrivateServer {
  /** As if memory were short: from now on it takes no messages. */
  raiseAlarm(): Promise<void>;
  clearAlarm(): Promise<void>;
}

interface Instance {
  readonly url: string;
  start(): Promise<boolean>;
  stop(options?: { signalName?: string }): Promise<string>;
}

interface Tool {
  PrivatePostgres: new (options: object) => Instance & { destroy(): void };
  PrivateRabbitmq: new (options: object) => Instance & { control(...args: string[]): Promise<void> };
  Store: new (folder: string) => object;
  findPostgres(): Promise<{ folder: string } | undefined>;
  findRabbitmq(): object | undefined;
  isPortFree(port: number): Promise<boolean>;
}

/** The command line's own modules know how to run these servers; they are plain JavaScript. */
async function tool(): Promise<Tool> {
  const files = ['postgres', 'rabbitmq', 'store', 'postgres-binaries', 'rabbitmq-binaries', 'port'];
  const modules: object[] = [];
  // One after the other: jest's loader trips over modules that import the same ones at the same time.
  for (const file of files) modules.push(await import(new URL(`../../tools/cli/${file}.mjs`, import.meta.url).href));
  return Object.assign({}, ...modules) as Tool;
}

type IsPortFree = Tool['isPortFree'];

function serverOf(
  instance: Instance,
  isPortFree: IsPortFree,
  folder: string,
  wipe: () => Promise<void>,
): PrivateServer {
  const port = Number(new URL(instance.url).port);
  /** A killed server's port is taken for a moment longer than its process lives; it would start on another one. */
  const end = async (options?: { signalName: string }): Promise<void> => {
    await instance.stop(options);
    await waitFor(() => isPortFree(port), { describe: `port ${port} to be free` });
  };
  return {
    get url() {
      return instance.url;
    },
    async start() {
      await instance.start();
      if (Number(new URL(instance.url).port) !== port)
        throw new Error(`The server came back on another port than ${port}`);
    },
    stop: () => end(),
    kill: () => end({ signalName: 'SIGKILL' }),
    wipe,
    async destroy() {
      await instance.stop({ signalName: 'SIGKILL' });
      if ('destroy' in instance) (instance as Instance & { destroy(): void }).destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Undefined where the server is not installed. */
export async function privateRabbitmq(): Promise<PrivateBroker | undefined> {
  const { PrivateRabbitmq, Store, findRabbitmq, isPortFree } = await tool();
  const binaries = findRabbitmq();
  if (!binaries) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'rabbitmq-'));
  const instance = new PrivateRabbitmq({ folder, store: new Store(folder), binaries });
  await instance.start();
  const wipe = () => rm(join(folder, 'rabbitmq', 'data'), { recursive: true, force: true });
  return Object.assign(serverOf(instance, isPortFree, folder, wipe), {
    raiseAlarm: () => instance.control('set_vm_memory_high_watermark', '0.000001'),
    clearAlarm: () => instance.control('set_vm_memory_high_watermark', '0.4'),
  });
}

/** Undefined where the server is not installed. */
export async function privatePostgres(): Promise<PrivateServer | undefined> {
  const { PrivatePostgres, Store, findPostgres, isPortFree } = await tool();
  const binaries = await findPostgres();
  if (!binaries) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const instance = new PrivatePostgres({ folder, store: new Store(folder), binaries });
  await instance.start();
  return serverOf(instance, isPortFree, folder, () =>
    Promise.reject(new Error('The ledger is what nothing may be lost of')),
  );
}

/** The folder of `pg_dump` and `pg_restore`; undefined where PostgreSQL is not installed. */
export async function postgresPrograms(): Promise<string | undefined> {
  const { findPostgres } = await tool();
  return (await findPostgres())?.folder;
}
