import 'reflect-metadata';
import { runService } from '@roundhouse/service';
import { scheduler } from './scheduler.js';

await runService(scheduler);
