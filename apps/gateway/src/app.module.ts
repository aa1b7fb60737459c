import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { HealthChecks } from '@roundhouse/service';
import type { FileStorage } from '@roundhouse/storage';
import type { Logger } from '@roundhouse/telemetry';
import { DataSource } from 'typeorm';
import type { GatewayConfig } from './config.js';
import { accessControllers, accessProviders } from './platform/access/index.js';
import { ConsoleConfig, consoleControllers, type ConsoleFeeds, consoleProviders } from './platform/console/index.js';
import { deadControllers } from './platform/dead/index.js';
import { LedgerEngine } from './platform/engine/index.js';
import { eventControllers } from './platform/events/index.js';
import { storedFilesToken } from './platform/files/index.js';
import { groupControllers, groupProviders } from './platform/groups/index.js';
import { ProblemFilter } from './platform/http/index.js';
import { jobControllers, jobProviders } from './platform/jobs/index.js';
import { limitControllers } from './platform/limits/index.js';
import { OpenApi } from './platform/openapi/index.js';
import { operationsControllers } from './platform/operations/index.js';
import { scheduleControllers, scheduleProviders } from './platform/schedules/index.js';
import { statusControllers, statusProviders } from './platform/status/index.js';
import { type OutboxLimit, submissionProviders } from './platform/submission/index.js';
import { webhookControllers, webhookProviders } from './platform/webhooks/index.js';
import { type OpenWorkload, workloadProviders } from './platform/workload/index.js';
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
        ...jobProviders(dataSource, engine),
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
