import { MeshOptions_Engine, type MeshOptions } from '@roundhouse/contracts';
import { JobFailure } from '@roundhouse/jobs';
import type { ExternalEngine } from './external-engine.js';
import type { MeshEngine } from './mesh-engine.js';

/** The engines of this process. */
export class Engines {
  constructor(
    private readonly builtIn: MeshEngine,
    private readonly attached?: ExternalEngine,
  ) {}

  /** @throws JobFailure FAILED_PRECONDITION when there is no such engine here */
  of(options: MeshOptions | undefined): MeshEngine {
    return options?.engine === MeshOptions_Engine.EXTERNAL ? this.external : this.builtIn;
  }

  /** @throws JobFailure FAILED_PRECONDITION when there is none here */
  get external(): ExternalEngine {
    if (this.attached) return this.attached;
    throw new JobFailure(
      'FAILED_PRECONDITION',
      'No external engine is set up here: set ROUNDHOUSE_MESH_ENGINE_URL, or use the built-in engine',
      { field: 'options.engine' },
    );
  }
}
