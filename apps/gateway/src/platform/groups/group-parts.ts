import type { Provider, Type } from '@nestjs/common';
import { BatchReader } from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';
import { BatchEventsController } from './batch-events.controller.js';
import { BatchSubmission } from './batch-submission.js';
import { BatchesController } from './batches.controller.js';
import { WorkflowSubmission } from './workflow-submission.js';
import { WorkflowsController } from './workflows.controller.js';

export const groupControllers: Type[] = [BatchesController, BatchEventsController, WorkflowsController];

export const groupProviders = (dataSource: DataSource): Provider[] => [
  BatchSubmission,
  WorkflowSubmission,
  { provide: BatchReader, useValue: new BatchReader(dataSource) },
];
