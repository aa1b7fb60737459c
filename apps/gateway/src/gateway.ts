import { JobReader, ledgerDataSource, readQueueDepths } from '@roundhouse/ledger';
import type { Service, ServiceContext } from '@roundhouse/service';
import { logLine } from '@roundhouse/telemetry';
import { openStorage } from '@roundhouse/storage';
import { GatewayModule } from './app.module.js';
import { gatewayConfig, type GatewayConfig } from './config.js';
import { JobFeed } from './platform/console/job-feed.js';
import { OverviewFeed } from './platform/console/overview-feed.js';
import { observeMismatches, QueueDepths } from './platform/console/queue-depths.js';
import { LedgerEngine } from './platform/engine/ledger-engine.js';
import { OutboxLimit } from './platform/submission/outbox-limit.js';
import { MeshLoop } from './workloads/mesh/mesh-loop.js';
import { startHttp } from './platform/http/server.js';

async function start({ config, health, log, version }: ServiceContext<GatewayConfig>) {
  const { amqpUrl, databaseUrl: url, databasePool: poolSize } = config;
  const dataSource = ledgerDataSource({ url, poolSize, applicationName: 'roundhouse-gateway' });
  await dataSource.initialize();
  const { lease: leaseMs, cancelGrace: cancelGraceMs, crashSpread: crashSpreadMs, maxCrashes } = config;
  const rules = { leaseMs, cancelGraceMs, crashSpreadMs, maxCrashes };
  const engine = new LedgerEngine({ dataSource, amqpUrl, log, rules, keepLogsMs: config.attemptLogRetention });
  await engine.start();
  const outboxLimit = new OutboxLimit(dataSource, config.outboxCap, log);
  outboxLimit.start();
  const files = await openStorage(config.storageDir, config.storageUrl);
  const meshStorage = config.meshStorageUrl ? await openStorage(config.storageDir, config.meshStorageUrl) : files;
  const meshes = new MeshLoop(dataSource, engine, log);
  meshes.start();
  health.register('database', () => dataSource.query('select 1'));
  // No broker is needed to accept a job, so a gateway without one stays in service.
  const onFeedFailure = (err: unknown) => logLine(log, 'console.feed_failed', { err });
  const feed = new JobFeed(dataSource, new JobReader(dataSource), onFeedFailure);
  const depths = new QueueDepths(
    () => readQueueDepths(dataSource),
    () => engine.brokerQueues(),
  );
  observeMismatches(depths);
  const overview = new OverviewFeed(dataSource, depths, onFeedFailure);
  overview.start();
  engine.hub.onJobs = (jobIds) => feed.onChanged(jobIds);
  engine.hub.onLoss = () => feed.lost();
  const parts = {
    dataSource,
    engine,
    outboxLimit,
    health,
    log,
    version,
    console: { config, version, feed, overview, depths },
  };
  const app = await startHttp(
    GatewayModule.of({
      ...parts,
      trading: config,
      spreadsheets: config,
      mesh: config,
      files,
      meshStorage,
      webhooks: config,
      status: config,
    }),
    config,
    log,
  );
  const address = app.getHttpServer().address();
  return {
    ports: { http: typeof address === 'object' && address ? address.port : config.httpPort },
    async stop() {
      outboxLimit.stop();
      await app.close();
      await meshes.stop();
      await Promise.all([feed.stop(), overview.stop()]);
      await engine.stop();
      await dataSource.destroy();
    },
  };
}

export const gateway: Service<typeof gatewayConfig.shape> = {
  name: 'gateway',
  version: '0.1.0',
  config: gatewayConfig,
  healthServer: false,
  start,
};
