import { MeshOptions_Engine, type MeshOptions } from '@roundhouse/contracts';
import { JobFailure } from '@roundhouse/jobs';
import type { MeshEngine } from './mesh-engine.js';

/** The engines of this process. */
export class Engines {
  constructor(
    private readonly builtIn: MeshEngine,
    private readonly external?: MeshEngine,
  ) {}

  /** @throws JobFailure FAILED_PRECONDITION when there is no such engine here */
  of(options: MeshOptions | undefined): MeshEngine {
    if (options?.engine !== MeshOptions_Engine.EXTERNAL) return this.builtIn;
    if (this.external) return this.external;
    throw new JobFailure(
      'FAILED_PRECONDITION',
      'No external engine is set up here: set ROUNDHOUSE_MESH_ENGINE_URL, or use the built-in engine',
      { field: 'options.engine' },
    );
  }
}
