import 'reflect-metadata';
import { runService } from '@roundhouse/service';
import { probe } from './probe.js';

await runService(probe);
