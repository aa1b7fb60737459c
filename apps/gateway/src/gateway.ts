import { GrantTokens, ledgerDataSource } from '@roundhouse/ledger';
import { startHealthServer, type Service, type ServiceContext } from '@roundhouse/service';
import { openStorage } from '@roundhouse/storage';
import { GatewayModule } from './app.module.js';
import { gatewayConfig, type GatewayConfig } from './config.js';
import { Admission, admitBeforeBodies } from './platform/access/index.js';
import { ConsoleFeeds, consoleFolder, serveConsole } from './platform/console/index.js';
import { LedgerEngine } from './platform/engine/index.js';
import { openFiles } from './platform/files/index.js';
import { startHttp } from './platform/http/index.js';
import { OutboxLimit } from './platform/submission/index.js';
import { sealWebhooksAgain } from './platform/webhooks/index.js';
import type { OpenWorkload, WorkloadContext } from './platform/workload/index.js';
import { workloads } from './workloads/index.js';

async function openWorkloads(context: WorkloadContext<GatewayConfig>): Promise<OpenWorkload[]> {
  const open: OpenWorkload[] = [];
  for (const workload of workloads) open.push(await workload.open(context));
  return open;
}

/** Says that the gateway is not ready until its own server opens on the port. */
function standIn({ config, health: checks, name: service, version }: ServiceContext<GatewayConfig>) {
  const { httpHost: host, httpPort: port } = config;
  return startHealthServer({ host, port, service, version, checks, standsIn: true });
}

async function start(context: ServiceContext<GatewayConfig>) {
  const { config, health, log, version, reach } = context;
  const meanwhile = await standIn(context);
  const { amqpUrl, databaseUrl: url, databasePool: poolSize } = config;
  const dataSource = ledgerDataSource({ url, poolSize, applicationName: 'roundhouse-gateway' });
  await reach('database', () => dataSource.initialize());
  await sealWebhooksAgain(config, dataSource, log);
  const { lease: leaseMs, cancelGrace: cancelGraceMs, maxCrashes } = config;
  const rules = { leaseMs, cancelGraceMs, maxCrashes };
  const tokens = new GrantTokens(config.grantKey, config.previousGrantKeys);
  const keepLogsMs = config.attemptLogRetention;
  const engine = new LedgerEngine({ dataSource, amqpUrl, log, rules, reach, keepLogsMs, tokens });
  await engine.start();
  const outboxLimit = new OutboxLimit(dataSource, config.outboxCap, log);
  outboxLimit.start();
  const files = await openFiles(config);
  const open = await openWorkloads({
    config,
    database: dataSource,
    engine,
    files,
    openFiles: (storageUrl) => openStorage(config.storageDir, storageUrl),
    log,
  });
  health.register('database', () => dataSource.query('select 1'));
  // No broker is needed to accept a job, so a gateway without one stays in service.
  health.register('broker', () => engine.assertBroker(), { essential: false });
  health.register('outbox', () => outboxLimit.assertRoom(), { essential: false });
  const feeds = new ConsoleFeeds(dataSource, engine, log);
  feeds.start();
  const parts = { config, dataSource, engine, outboxLimit, health, log, version, files, feeds, openWorkloads: open };
  await meanwhile.close();
  const app = await startHttp({
    module: GatewayModule.of(parts),
    config,
    log,
    admit: (nest, fastify) => admitBeforeBodies(fastify, nest.get(Admission)),
    addPages: (fastify, problems, routes) => serveConsole(fastify, consoleFolder, { problems, routes }),
  });
  const address = app.getHttpServer().address();
  return {
    ports: { http: typeof address === 'object' && address ? address.port : config.httpPort },
    async stop() {
      outboxLimit.stop();
      await app.close();
      await Promise.all(open.map((workload) => workload.stop?.()));
      await feeds.stop();
      await engine.stop();
      await dataSource.destroy();
    },
  };
}

export const gateway: Service<typeof gatewayConfig.shape> = {
  name: 'gateway',
  version: '0.1.0',
  config: gatewayConfig,
  start,
};
