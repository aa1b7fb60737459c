import 'reflect-metadata';
import { runService } from '@roundhouse/service';
import { importer } from './importer.js';

await runService(importer);
