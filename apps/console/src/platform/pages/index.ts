/** The platform's own sections: every area of pages, one line each. */
import type { Section } from '../navigation/index.js';
import { section as batches } from './batches/index.js';
import { section as failures } from './failures/index.js';
import { section as jobs } from './jobs/index.js';
import { section as now } from './now/index.js';
import { section as queues } from './queues/index.js';
import { section as redrives } from './redrives/index.js';
import { section as schedules } from './schedules/index.js';

export const platformSections: readonly Section[] = [now, jobs, batches, failures, redrives, schedules, queues];
