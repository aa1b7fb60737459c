import 'reflect-metadata';
import { runService } from '@roundhouse/service';
import { mesh } from './mesh.js';

await runService(mesh);
