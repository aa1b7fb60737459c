import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { ApiKeys, BatchReader, Explanations, JobReader, ScheduleStore } from '@roundhouse/ledger';
import { HealthChecks } from '@roundhouse/service';
import type { FileStorage } from '@roundhouse/storage';
import type { Logger } from '@roundhouse/telemetry';
import { DataSource } from 'typeorm';
import { BatchEventsController } from './batches/batch-events.controller.js';
import { BatchSubmission } from './batches/batch-submission.js';
import { BatchesController } from './batches/batches.controller.js';
import { deadControllers } from './dead/dead-parts.js';
import { DiagnosticsController } from './diagnostics/diagnostics.controller.js';
import { LedgerEngine } from './engine/ledger-engine.js';
import { OutboxLimit } from './engine/outbox-limit.js';
import { consoleControllers, consoleProviders, type ConsoleParts } from './console/console-parts.js';
import { DomainEventsController } from './events/domain-events.controller.js';
import { JobEventsController } from './events/job-events.controller.js';
import { AuthGuard } from './http/auth.guard.js';
import { StreamAccess } from './http/stream-access.js';
import { SignedLinks } from './http/signed-link.js';
import { ProblemFilter } from './http/problem.filter.js';
import { storedFilesToken } from './http/stored-files.js';
import { AttemptLogController } from './jobs/attempt-log.controller.js';
import { ExplainController } from './jobs/explain.controller.js';
import { JobSubmission } from './jobs/job-submission.js';
import { RerunController } from './jobs/rerun.controller.js';
import { JobTimingController } from './jobs/job-timing.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { WorkloadJobs } from './jobs/workload-jobs.js';
import { LimitsController } from './limits/limits.controller.js';
import { PausesController } from './limits/pauses.controller.js';
import { RateBucketsController } from './limits/rate-buckets.controller.js';
import type { MeshConfig } from './mesh/mesh-config.js';
import { meshControllers, meshProviders } from './mesh/mesh-parts.js';
import { OpenApi } from './platform/openapi.js';
import { PlatformController } from './platform/platform.controller.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import type { SpreadsheetConfig } from './spreadsheets/spreadsheet-config.js';
import { spreadsheetControllers, spreadsheetProviders } from './spreadsheets/spreadsheet-parts.js';
import type { StatusConfig } from './status/status-config.js';
import { statusControllers, statusProviders } from './status/status-parts.js';
import type { TradingConfig } from './trading/trading-config.js';
import { tradingControllers, tradingProviders } from './trading/trading-parts.js';
import { webhookProviders, type WebhookConfig } from './webhooks/webhook-config.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { WorkflowSubmission } from './workflows/workflow-submission.js';
import { WorkflowsController } from './workflows/workflows.controller.js';

export interface GatewayParts {
  dataSource: DataSource;
  engine: LedgerEngine;
  outboxLimit: OutboxLimit;
  health: HealthChecks;
  log: Logger;
  version: string;
  trading: TradingConfig;
  spreadsheets: SpreadsheetConfig;
  mesh: MeshConfig;
  /** Uploaded and made files. */
  files: FileStorage;
  meshStorage: FileStorage;
  webhooks: WebhookConfig;
  status: StatusConfig;
  console: ConsoleParts;
}

export const gatewayControllers: Type[] = [
  JobsController,
  JobTimingController,
  SchedulesController,
  PausesController,
  LimitsController,
  RateBucketsController,
  JobEventsController,
  ExplainController,
  AttemptLogController,
  RerunController,
  BatchesController,
  BatchEventsController,
  WorkflowsController,
  ...deadControllers,
  WebhooksController,
  DomainEventsController,
  ...consoleControllers,
  DiagnosticsController,
  PlatformController,
  ...statusControllers,
  ...tradingControllers,
  ...spreadsheetControllers,
  ...meshControllers,
];

@Module({})
export class GatewayModule {
  static of(parts: GatewayParts): DynamicModule {
    const {
      dataSource,
      engine,
      outboxLimit,
      health,
      log,
      version,
      trading,
      spreadsheets,
      mesh,
      files,
      meshStorage,
      webhooks,
      status,
      console,
    } = parts;
    return {
      module: GatewayModule,
      controllers: gatewayControllers,
      providers: [
        JobSubmission,
        BatchSubmission,
        WorkflowSubmission,
        WorkloadJobs,
        ...tradingProviders(trading, dataSource),
        ...spreadsheetProviders(spreadsheets, dataSource),
        ...meshProviders(mesh, meshStorage, dataSource),
        ...webhookProviders(webhooks, dataSource),
        ...consoleProviders(console, dataSource),
        ...statusProviders(status, trading, dataSource),
        { provide: storedFilesToken, useValue: files },
        { provide: DataSource, useValue: dataSource },
        { provide: LedgerEngine, useValue: engine },
        { provide: OutboxLimit, useValue: outboxLimit },
        { provide: HealthChecks, useValue: health },
        { provide: ScheduleStore, useValue: new ScheduleStore(dataSource) },
        { provide: JobReader, useValue: new JobReader(dataSource) },
        { provide: BatchReader, useValue: new BatchReader(dataSource) },
        { provide: Explanations, useValue: new Explanations(dataSource) },
        { provide: ApiKeys, useValue: new ApiKeys(dataSource) },
        StreamAccess,
        { provide: SignedLinks, useValue: new SignedLinks(trading.encryptionKey) },
        { provide: OpenApi, useValue: new OpenApi(gatewayControllers, version) },
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_FILTER, useValue: new ProblemFilter(log) },
      ],
    };
  }
}
