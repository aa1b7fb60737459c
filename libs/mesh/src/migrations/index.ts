import { CreateMesh1763790000000 } from './1763790000000-create-mesh.js';
import { ExpectEngineTasks1763800000000 } from './1763800000000-expect-engine-tasks.js';
import { BatchesInSteps1763800100000 } from './1763800100000-batches-in-steps.js';
import { OpenWork1763800200000 } from './1763800200000-open-work.js';

/** Every migration of this folder, oldest first; `npm run new:migration` writes this file. */
export const meshMigrations = [
  CreateMesh1763790000000,
  ExpectEngineTasks1763800000000,
  BatchesInSteps1763800100000,
  OpenWork1763800200000,
];
