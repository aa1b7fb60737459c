import type { Answer } from '../api/types.js';

export type Overview = Answer<'/v1/console/overview', 'get'>;
