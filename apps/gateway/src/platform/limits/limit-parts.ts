import type { Type } from '@nestjs/common';
import { LimitsController } from './limits.controller.js';
import { PausesController } from './pauses.controller.js';
import { RateBucketsController } from './rate-buckets.controller.js';

export const limitControllers: Type[] = [PausesController, LimitsController, RateBucketsController];
