import type { Answer } from '../../api/types.js';

export type Schedules = Answer<'/v1/schedules', 'get'>;
export type Schedule = Schedules['schedules'][number];
