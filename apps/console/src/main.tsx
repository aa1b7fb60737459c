import { startConsole } from './platform/app/index.js';
import * as workloads from './workloads/index.js';

startConsole(Object.values(workloads));
