import type { EngineThreads } from './engine-threads.js';
import { engineSettings } from './engine-settings.js';
import type { MadeMesh } from './made-mesh.js';
import { builtInEngine } from './make-mesh.js';
import type { EngineControl, EngineOrder, MeshEngine } from './mesh-engine.js';

/** The engine in this process, in threads. */
export class BuiltInEngine implements MeshEngine {
  readonly name = builtInEngine.name;
  readonly version = builtInEngine.version;

  constructor(private readonly threads: EngineThreads) {}

  make({ options, ...order }: EngineOrder, control: EngineControl): Promise<MadeMesh> {
    return this.threads.run('make', { ...order, settings: engineSettings(options) }, control);
  }
}
