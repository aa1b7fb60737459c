import { startConsole } from './platform/app/console.js';
import * as workloads from './workloads/index.js';

startConsole(Object.values(workloads));
