import 'reflect-metadata';
import { runService } from '@roundhouse/service';
import { digest } from './digest.js';

await runService(digest);
