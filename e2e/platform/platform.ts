import { ApiKeys, ledgerDataSource, Schedules, type ApiKeyScope } from '@roundhouse/ledger';
import { createMeshDataSource } from '@roundhouse/mesh';
import { applyTopology, topology } from '@roundhouse/rabbitmq';
import { createSpreadsheetsDataSource } from '@roundhouse/spreadsheets';
import {
  createTestBroker,
  createTestDatabase,
  keysOf,
  ServiceProcess,
  testEnvironment,
  testKeys,
  waitFor,
} from '@roundhouse/testing';
import { createTradingDataSource } from '@roundhouse/trading';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { probeDataSource } from '../../apps/probe/src/probe-database.js';
import { encodedSchedules } from '../../apps/scheduler/src/code-schedules.js';
import { Client, finalStates } from './client.js';
import { createRoles, type RoleUrls } from './roles.js';

export const apps = ['gateway', 'scheduler', 'probe', 'importer', 'scorer', 'digest', 'mesh', 'notifier'] as const;
export type App = (typeof apps)[number];

/**
 * After a build everything runs as it was built, which starts in half the time; else from the sources, so that no test meets an old build.
 * Threads of a worker cannot load sources: an app that has some always runs as it was built.
 */
const runsAsBuilt = (app: App): boolean =>
  process.env.ROUNDHOUSE_TEST_BUILT === '1' || ['mesh', 'scorer'].includes(app);

/** Apps with the ledger's role; the others are workers. */
const ledgerApps: readonly App[] = ['gateway', 'scheduler'];

export interface PlatformOptions {
  /** Probe workers. @default 1 */
  workers?: number;
  /** @default 1 */
  gateways?: number;
  /** Importers, with their schemas. @default 0 */
  importers?: number;
  /** Mesh workers. @default 0 */
  meshWorkers?: number;
  /** Added to the environment of every process, or of those of one app. */
  env?: Record<string, string>;
  envOf?: Partial<Record<App, Record<string, string>>>;
  /** Where the processes find the broker, when not at its own address. */
  amqpThrough?: (url: string, name: string) => string;
  databaseThrough?: (url: string, name: string) => string;
  /** Servers of the test's own instead of the shared ones. */
  database?: { url: string };
  broker?: { url: string };
}

export interface Effect {
  name: string;
  step: number;
  job_id: string;
  attempt: number;
  at: Date;
}

export interface HistoryEntry {
  type: string;
  attempt: number;
  at: Date;
  detail: Record<string, unknown> | null;
}

const everything: ApiKeyScope[] = ['jobs:write', 'jobs:read', 'jobs:cancel'];

/** Gateway, scheduler and probe workers as processes, with a database and a virtual host of their own. */
export class Platform {
  readonly processes = new Map<string, ServiceProcess>();
  /** By variable; each process is given its own. */
  readonly keys = testKeys();
  private readonly cleanUps: (() => Promise<unknown>)[] = [];
  urls!: RoleUrls;
  amqpUrl!: string;
  /** Where uploaded and made files lie. */
  storageFolder!: string;
  /** The owner's connections. */
  ledger!: DataSource;
  acme!: Client;
  globex!: Client;
  /** Of the tenant that may ask of a probe what others would feel. */
  operator!: Client;

  private constructor(private readonly options: PlatformOptions) {}

  static async start(options: PlatformOptions = {}): Promise<Platform> {
    const platform = new Platform(options);
    try {
      await Promise.all([platform.setUpDatabase(), platform.setUpBroker(), platform.setUpStorage()]);
      const { workers = 1, gateways = 1, importers = 0, meshWorkers = 0 } = options;
      const names = [
        ...Array.from({ length: gateways }, (_, i) => `gateway${i === 0 ? '' : i + 1}`),
        'scheduler',
        ...Array.from({ length: workers }, (_, i) => `probe${i === 0 ? '' : i + 1}`),
        ...Array.from({ length: meshWorkers }, (_, i) => `mesh${i === 0 ? '' : i + 1}`),
        ...Array.from({ length: importers }, (_, i) => `importer${i === 0 ? '' : i + 1}`),
      ];
      await Promise.all(names.map((name) => platform.launch(name)));
    } catch (error) {
      await platform.stop().catch(() => undefined); // the first error is the one that tells
      throw error;
    }
    return platform;
  }

  private async setUpDatabase(): Promise<void> {
    const { database } = this.options;
    const own = database ? { url: database.url, drop: async () => undefined } : await createTestDatabase();
    const roles = await createRoles(own.url);
    this.urls = roles;
    if (!database) this.cleanUps.push(() => roles.drop(testEnvironment('ROUNDHOUSE_TEST_ADMIN_DATABASE_URL')));
    this.cleanUps.push(() => own.drop());
    const schemas = [
      ledgerDataSource({ url: roles.owner, poolSize: 1 }),
      probeDataSource(roles.owner),
      // The gateway looks into these, whatever workers there are.
      createMeshDataSource(roles.owner),
      createTradingDataSource(roles.owner),
      createSpreadsheetsDataSource(roles.owner),
    ];
    for (const source of schemas) {
      await source.initialize();
      await source.runMigrations({ transaction: 'all' }).finally(() => source.destroy());
    }
    this.ledger = await ledgerDataSource({ url: roles.owner, poolSize: 4, applicationName: 'e2e' }).initialize();
    this.cleanUps.push(() => this.ledger.destroy());
    await this.pauseCodeSchedules();
    const keys = new ApiKeys(this.ledger);
    const base = () => this.service('gateway').url;
    this.acme = new Client(base, await keys.create('acme', 'e2e', everything));
    this.globex = new Client(base, await keys.create('globex', 'e2e', everything));
    this.operator = new Client(base, await keys.create('operator', 'e2e', everything));
  }

  /** The jobs of a test are the test's own, also at four in the morning, when the proof of life is due. */
  private async pauseCodeSchedules(): Promise<void> {
    await new Schedules(this.ledger, () => '').mergeCode(encodedSchedules());
    await this.ledger.query(`update ledger.schedules set enabled = false`);
  }

  private async setUpBroker(): Promise<void> {
    const own = this.options.broker ?? (await createTestBroker());
    if ('drop' in own) this.cleanUps.push(() => (own as { drop(): Promise<void> }).drop());
    this.amqpUrl = own.url;
    await applyTopology(own.url, topology());
  }

  private async setUpStorage(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'platform-'));
    this.storageFolder = folder;
    this.cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  }

  /** A client of acme with a key of these scopes. */
  async clientWith(...scopes: ApiKeyScope[]): Promise<Client> {
    return this.clientOf('acme', ...scopes);
  }

  async clientOf(tenantId: string, ...scopes: ApiKeyScope[]): Promise<Client> {
    const key = await new ApiKeys(this.ledger).create(tenantId, 'e2e', scopes);
    return new Client(() => this.service('gateway').url, key);
  }

  /** Somebody without an API key. */
  anybody(): Client {
    return new Client(() => this.service('gateway').url, undefined);
  }

  service(name: string): ServiceProcess {
    const found = this.processes.get(name);
    if (!found) throw new Error(`There is no process ${name}`);
    return found;
  }

  /** What a process counts, on the port that is not for users. */
  async metricsOf(name: string): Promise<string> {
    return (await fetch(`${this.service(name).healthUrl}/metrics`)).text();
  }

  /** Starts a process (again) and waits until it is ready. Its name is the app's, with a number for further ones. */
  async launch(name: string, env: Record<string, string> = {}): Promise<ServiceProcess> {
    const service = this.spawn(name, env);
    await service.waitUntilReady();
    return service;
  }

  spawn(name: string, env: Record<string, string> = {}): ServiceProcess {
    const app = name.replace(/\d+$/, '') as App;
    const { options } = this;
    const database = ledgerApps.includes(app) ? this.urls.gateway : this.urls.worker;
    const service = ServiceProcess.spawn({
      app,
      main: runsAsBuilt(app) ? `apps/${app}/dist/main.js` : `apps/${app}/src/main.ts`,
      env: {
        ROUNDHOUSE_AMQP_URL: options.amqpThrough?.(this.amqpUrl, name) ?? this.amqpUrl,
        ROUNDHOUSE_DATABASE_URL: options.databaseThrough?.(database, name) ?? database,
        ROUNDHOUSE_STORAGE_DIR: this.storageFolder,
        ...keysOf(app, this.keys),
        ...options.env,
        ...options.envOf?.[app],
        ...env,
      },
    });
    this.processes.set(name, service);
    return service;
  }

  /**
   * Starts these processes again whenever they have ended, ready or not, as an orchestrator does.
   * @returns ends that, when all of them are ready
   */
  supervise(...names: string[]): () => Promise<void> {
    const revive = () => {
      for (const name of names) if (!this.service(name).running) this.spawn(name);
    };
    const timer = setInterval(revive, 50);
    return async () => {
      clearInterval(timer);
      revive();
      await Promise.all(names.map((name) => this.service(name).waitUntilReady()));
    };
  }

  /** The process that runs a job, by its name. */
  workerOf({ worker_id: id }: { worker_id: string | null }): { name: string; service: ServiceProcess } {
    const pid = Number(/-(\d+)-[0-9a-f]+$/.exec(id ?? '')?.[1]);
    const found = [...this.processes].find(([, service]) => service.pid === pid);
    if (!found) throw new Error(`No process of this platform is worker ${id}`);
    return { name: found[0], service: found[1] };
  }

  async effects(name: string): Promise<Effect[]> {
    return this.ledger.query(`select name, step, job_id, attempt, at from probe.effects where name = $1 order by id`, [
      name,
    ]);
  }

  async history(jobId: string): Promise<HistoryEntry[]> {
    return this.ledger.query(`select type, attempt, at, detail from ledger.job_history where job_id = $1 order by id`, [
      jobId,
    ]);
  }

  async outboxSize(): Promise<number> {
    const [row] = await this.ledger.query<{ count: number }[]>(`select count(*)::integer as count from ledger.outbox`);
    return row?.count ?? 0;
  }

  /** Waits until every one of these jobs is over, asking the ledger once for all. */
  async allFinished(ids: readonly string[], timeoutMs = 120_000): Promise<void> {
    await waitFor(
      async () => {
        const rows = await this.ledger.query<{ state: string; count: number }[]>(
          `select state, count(*)::integer as count from ledger.jobs where id = any($1::uuid[]) group by state`,
          [ids],
        );
        const open = rows.filter((row) => !finalStates.includes(row.state));
        if (open.length > 0) throw new Error(JSON.stringify(rows));
        return true;
      },
      { timeoutMs, intervalMs: 20, describe: `${ids.length} jobs to end` },
    );
  }

  /** Stops everything in order and leaves nothing behind. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = (work: Promise<unknown>) => work.catch((error: unknown) => void failures.push(error));
    await Promise.all([...this.processes.values()].map((service) => attempt(service.stop())));
    for (const cleanUp of this.cleanUps.splice(0).reverse()) await attempt(cleanUp());
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
  }
}

export const startPlatform = (options?: PlatformOptions): Promise<Platform> => Platform.start(options);
