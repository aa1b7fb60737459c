import 'reflect-metadata';
import { runService } from '@roundhouse/service';
import { notifier } from './notifier.js';

await runService(notifier);
