import type { Provider, Type } from '@nestjs/common';
import { Explanations, JobReader } from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';
import type { LedgerEngine } from '../engine/index.js';
import { AttemptLogController } from './attempt-log.controller.js';
import { ExplainController } from './explain.controller.js';
import { JobTimingController } from './job-timing.controller.js';
import { JobsController } from './jobs.controller.js';
import { RerunController } from './rerun.controller.js';

export const jobControllers: Type[] = [
  JobsController,
  JobTimingController,
  ExplainController,
  AttemptLogController,
  RerunController,
];

export const jobProviders = (dataSource: DataSource, { broker }: LedgerEngine): Provider[] => [
  { provide: JobReader, useValue: new JobReader(dataSource) },
  { provide: Explanations, useValue: new Explanations(dataSource, broker) },
];
