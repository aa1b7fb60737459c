import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { HealthChecks } from '@roundhouse/service';
import type { FileStorage } from '@roundhouse/storage';
import type { Logger } from '@roundhouse/telemetry';
import { DataSource } from 'typeorm';
import type { GatewayConfig } from './config.js';
import { accessControllers, accessProviders } from './platform/access/access-parts.js';
import { ConsoleConfig } from './platform/console/console-config.js';
import type { ConsoleFeeds } from './platform/console/console-feeds.js';
import { consoleControllers, consoleProviders } from './platform/console/console-parts.js';
import { deadControllers } from './platform/dead/dead-parts.js';
import { LedgerEngine } from './platform/engine/ledger-engine.js';
import { eventControllers } from './platform/events/event-parts.js';
import { storedFilesToken } from './platform/files/stored-files.js';
import { groupControllers, groupProviders } from './platform/groups/group-parts.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { jobControllers, jobProviders } from './platform/jobs/job-parts.js';
import { limitControllers } from './platform/limits/limit-parts.js';
import { OpenApi } from './platform/openapi/openapi.js';
import { operationsControllers } from './platform/operations/operations-parts.js';
import { scheduleControllers, scheduleProviders } from './platform/schedules/schedule-parts.js';
import { statusControllers, statusProviders } from './platform/status/status-parts.js';
import type { OutboxLimit } from './platform/submission/outbox-limit.js';
import { submissionProviders } from './platform/submission/submission-parts.js';
import { webhookControllers, webhookProviders } from './platform/webhooks/webhook-parts.js';
import { workloadProviders } from './platform/workload/workload-parts.js';
import type { OpenWorkload } from './platform/workload/workload.js';
import { workloads } from './workloads/index.js';

export interface GatewayParts {
  config: GatewayConfig;
  dataSource: DataSource;
  engine: LedgerEngine;
  outboxLimit: OutboxLimit;
  health: HealthChecks;
  log: Logger;
  version: string;
  /** Uploaded and made files. */
  files: FileStorage;
  feeds: ConsoleFeeds;
  openWorkloads: readonly OpenWorkload[];
}

export const gatewayControllers: Type[] = [
  ...jobControllers,
  ...scheduleControllers,
  ...limitControllers,
  ...eventControllers,
  ...groupControllers,
  ...deadControllers,
  ...webhookControllers,
  ...accessControllers,
  ...consoleControllers(workloads.flatMap(({ things }) => things)),
  ...operationsControllers,
  ...statusControllers,
  ...workloads.flatMap(({ controllers }) => controllers),
];

@Module({})
export class GatewayModule {
  static of(parts: GatewayParts): DynamicModule {
    const { config, dataSource, engine, outboxLimit, health, log, version, files, feeds, openWorkloads } = parts;
    return {
      module: GatewayModule,
      controllers: gatewayControllers,
      providers: [
        ...accessProviders(config, dataSource),
        ...submissionProviders(outboxLimit),
        ...groupProviders(dataSource),
        ...jobProviders(dataSource),
        ...scheduleProviders(dataSource),
        ...webhookProviders(config, dataSource),
        ...statusProviders(config, dataSource),
        ...workloadProviders(openWorkloads),
        ...consoleProviders(new ConsoleConfig(version, config.traceUrl), feeds, dataSource),
        { provide: storedFilesToken, useValue: files },
        { provide: DataSource, useValue: dataSource },
        { provide: LedgerEngine, useValue: engine },
        { provide: HealthChecks, useValue: health },
        { provide: OpenApi, useValue: new OpenApi(gatewayControllers, version) },
        { provide: APP_FILTER, useValue: new ProblemFilter(log) },
      ],
    };
  }
}
