/** The platform's own sections: every area of pages, one line each. */
import type { Section } from '../navigation/section.js';
import { section as batches } from './batches/section.js';
import { section as failures } from './failures/section.js';
import { section as jobs } from './jobs/section.js';
import { section as now } from './now/section.js';
import { section as queues } from './queues/section.js';
import { section as redrives } from './redrives/section.js';
import { section as schedules } from './schedules/section.js';

export const platformSections: readonly Section[] = [now, jobs, batches, failures, redrives, schedules, queues];
