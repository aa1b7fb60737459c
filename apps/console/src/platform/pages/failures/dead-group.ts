import type { Answer } from '../../api/index.js';

export type DeadGroups = Answer<'/v1/dead', 'get'>;

/** The dead jobs of one cause, and where that cause stands. */
export type DeadGroup = DeadGroups['groups'][number];
