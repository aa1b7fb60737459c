import type { Provider, Type } from '@nestjs/common';
import { ScheduleStore } from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';
import { SchedulesController } from './schedules.controller.js';

export const scheduleControllers: Type[] = [SchedulesController];

export const scheduleProviders = (dataSource: DataSource): Provider[] => [
  { provide: ScheduleStore, useValue: new ScheduleStore(dataSource) },
];
