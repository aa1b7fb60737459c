import 'reflect-metadata';
import { runService } from '@roundhouse/service';
import { scorer } from './scorer.js';

await runService(scorer);
