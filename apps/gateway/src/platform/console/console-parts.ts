import type { Provider, Type } from '@nestjs/common';
import { JobReader, JobSearch } from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';
import { ConsoleConfig } from './console-config.js';
import { ConsoleEventsController } from './console-events.controller.js';
import type { ConsoleFeeds } from './console-feeds.js';
import { consoleFindController } from './console-find.controller.js';
import { ConsoleJobController } from './console-job.controller.js';
import { ConsoleJobsController } from './console-jobs.controller.js';
import { ConsoleSettingsController } from './console-settings.controller.js';
import { FiguresController } from './figures.controller.js';
import { JobFeed } from './job-feed.js';
import { OverviewController } from './overview.controller.js';
import { OverviewFeed } from './overview-feed.js';
import { QueueDepths } from './queue-depths.js';
import { QueueDepthsController } from './queue-depths.controller.js';

/** @param things what workloads have ids for */
export const consoleControllers = (things: readonly string[]): Type[] => [
  ConsoleEventsController,
  ConsoleJobsController,
  ConsoleJobController,
  consoleFindController(things),
  ConsoleSettingsController,
  FiguresController,
  OverviewController,
  QueueDepthsController,
];

export function consoleProviders(config: ConsoleConfig, feeds: ConsoleFeeds, dataSource: DataSource): Provider[] {
  return [
    { provide: JobSearch, useValue: new JobSearch(dataSource, new JobReader(dataSource)) },
    { provide: JobFeed, useValue: feeds.jobs },
    { provide: OverviewFeed, useValue: feeds.overview },
    { provide: QueueDepths, useValue: feeds.depths },
    { provide: ConsoleConfig, useValue: config },
  ];
}
