import type { Answer } from '../api/index.js';

export type Overview = Answer<'/v1/console/overview', 'get'>;
