import type { Type } from '@nestjs/common';
import { DeadController } from './dead.controller.js';
import { FailingController } from './failing.controller.js';
import { FailureMarksController } from './failure-marks.controller.js';
import { JobRedriveController } from './job-redrive.controller.js';
import { RedrivesController } from './redrives.controller.js';

export const deadControllers: Type[] = [
  DeadController,
  FailingController,
  FailureMarksController,
  JobRedriveController,
  RedrivesController,
];
