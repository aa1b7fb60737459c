import { runService } from '@roundhouse/service';
import { gateway } from './gateway.js';

await runService(gateway);
