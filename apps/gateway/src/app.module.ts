import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { ApiKeys, BatchReader, Explanations, JobReader, ScheduleStore } from '@roundhouse/ledger';
import { HealthChecks } from '@roundhouse/service';
import type { FileStorage } from '@roundhouse/storage';
import type { Logger } from '@roundhouse/telemetry';
import { DataSource } from 'typeorm';
import { BatchEventsController } from './platform/groups/batch-events.controller.js';
import { BatchSubmission } from './platform/groups/batch-submission.js';
import { BatchesController } from './platform/groups/batches.controller.js';
import { deadControllers } from './platform/dead/dead-parts.js';
import { DiagnosticsController } from './platform/operations/diagnostics.controller.js';
import { LedgerEngine } from './platform/engine/ledger-engine.js';
import { OutboxLimit } from './platform/submission/outbox-limit.js';
import { consoleControllers, consoleProviders, type ConsoleParts } from './platform/console/console-parts.js';
import { DomainEventsController } from './platform/events/domain-events.controller.js';
import { JobEventsController } from './platform/events/job-events.controller.js';
import { AuthGuard } from './platform/access/auth.guard.js';
import { StreamAccess } from './platform/access/stream-access.js';
import { SignedLinks } from './platform/access/signed-link.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { storedFilesToken } from './platform/files/stored-files.js';
import { AttemptLogController } from './platform/jobs/attempt-log.controller.js';
import { ExplainController } from './platform/jobs/explain.controller.js';
import { JobSubmission } from './platform/submission/job-submission.js';
import { RerunController } from './platform/jobs/rerun.controller.js';
import { JobTimingController } from './platform/jobs/job-timing.controller.js';
import { JobsController } from './platform/jobs/jobs.controller.js';
import { WorkloadJobs } from './platform/workload/workload-jobs.js';
import { LimitsController } from './platform/limits/limits.controller.js';
import { PausesController } from './platform/limits/pauses.controller.js';
import { RateBucketsController } from './platform/limits/rate-buckets.controller.js';
import type { MeshConfig } from './workloads/mesh/mesh-config.js';
import { meshControllers, meshProviders } from './workloads/mesh/mesh-parts.js';
import { OpenApi } from './platform/openapi/openapi.js';
import { PlatformController } from './platform/operations/platform.controller.js';
import { SchedulesController } from './platform/schedules/schedules.controller.js';
import type { SpreadsheetConfig } from './workloads/spreadsheets/spreadsheet-config.js';
import { spreadsheetControllers, spreadsheetProviders } from './workloads/spreadsheets/spreadsheet-parts.js';
import type { StatusConfig } from './platform/status/status-config.js';
import { statusControllers, statusProviders } from './platform/status/status-parts.js';
import type { TradingConfig } from './workloads/trading/trading-config.js';
import { tradingControllers, tradingProviders } from './workloads/trading/trading-parts.js';
import { webhookProviders, type WebhookConfig } from './platform/webhooks/webhook-config.js';
import { WebhooksController } from './platform/webhooks/webhooks.controller.js';
import { WorkflowSubmission } from './platform/groups/workflow-submission.js';
import { WorkflowsController } from './platform/groups/workflows.controller.js';

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
