import type { Answer } from '../../api/index.js';

export type Schedules = Answer<'/v1/schedules', 'get'>;
export type Schedule = Schedules['schedules'][number];
