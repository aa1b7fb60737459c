import { JobReader, readQueueDepths } from '@roundhouse/ledger';
import { logLine, type Logger } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import type { LedgerEngine } from '../engine/index.js';
import { JobFeed } from './job-feed.js';
import { OverviewFeed } from './overview-feed.js';
import { observeMismatches, QueueDepths } from './queue-depths.js';

/** What keeps the console's pages up to date: each reads once for all who look. */
export class ConsoleFeeds {
  readonly jobs: JobFeed;
  readonly overview: OverviewFeed;
  readonly depths: QueueDepths;

  constructor(
    dataSource: DataSource,
    private readonly engine: LedgerEngine,
    log: Logger,
  ) {
    const onFailure = (err: unknown) => logLine(log, 'console.feed_failed', { err });
    this.jobs = new JobFeed(dataSource, new JobReader(dataSource), onFailure);
    this.depths = new QueueDepths(
      () => readQueueDepths(dataSource),
      () => engine.brokerQueues(),
    );
    this.overview = new OverviewFeed(dataSource, this.depths, onFailure);
  }

  start(): void {
    observeMismatches(this.depths);
    this.overview.start();
    this.engine.hub.onJobs = (jobIds) => this.jobs.onChanged(jobIds);
    this.engine.hub.onLoss = () => this.jobs.lost();
  }

  async stop(): Promise<void> {
    await Promise.all([this.jobs.stop(), this.overview.stop()]);
  }
}
