import type { Provider, Type } from '@nestjs/common';
import { JobReader, JobSearch, RevokedSessions } from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';
import { ConsoleConfig } from './console-config.js';
import { ConsoleEventsController } from './console-events.controller.js';
import { ConsoleFindController } from './console-find.controller.js';
import { ConsoleJobController } from './console-job.controller.js';
import { ConsoleJobsController } from './console-jobs.controller.js';
import { ConsoleSettingsController } from './console-settings.controller.js';
import { JobFeed } from './job-feed.js';
import { OverviewController } from './overview.controller.js';
import { OverviewFeed } from './overview-feed.js';
import { QueueDepths } from './queue-depths.js';
import { QueueDepthsController } from './queue-depths.controller.js';
import { SessionController } from '../access/session.controller.js';
import { Sessions } from '../access/sessions.js';
import { WorkloadFinder } from '../workload/workload-finder.js';

export const consoleControllers: Type[] = [
  SessionController,
  ConsoleEventsController,
  ConsoleJobsController,
  ConsoleJobController,
  ConsoleFindController,
  ConsoleSettingsController,
  OverviewController,
  QueueDepthsController,
];

export interface ConsoleParts {
  config: { encryptionKey: Buffer; traceUrl: string };
  version: string;
  feed: JobFeed;
  overview: OverviewFeed;
  depths: QueueDepths;
}

export function consoleProviders(
  { config, version, feed, overview, depths }: ConsoleParts,
  dataSource: DataSource,
): Provider[] {
  return [
    { provide: Sessions, useValue: new Sessions(config.encryptionKey) },
    { provide: RevokedSessions, useValue: new RevokedSessions(dataSource) },
    { provide: JobSearch, useValue: new JobSearch(dataSource, new JobReader(dataSource)) },
    WorkloadFinder,
    { provide: JobFeed, useValue: feed },
    { provide: OverviewFeed, useValue: overview },
    { provide: QueueDepths, useValue: depths },
    { provide: ConsoleConfig, useValue: new ConsoleConfig(version, config.traceUrl) },
  ];
}
