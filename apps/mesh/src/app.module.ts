import { Inject, Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { EngineTaskStore, ImageUploadStore, MeshBatchStore, MeshStore, MeshUpkeepStore } from '@roundhouse/mesh';
import type { FileStorage } from '@roundhouse/storage';
import type { DataSource } from 'typeorm';
import type { MeshConfig } from './config.js';
import { EngineClient } from './engine/engine-client.js';
import { ExternalEngine } from './engine/external-engine.js';
import { BuiltInEngine } from './engine/built-in-engine.js';
import { Engines } from './engine/engines.js';
import { EngineThreads } from './engine/engine-threads.js';
import { CancelEngineTaskHandler } from './handlers/cancel-engine-task.handler.js';
import { CleanupFailedHandler } from './handlers/cleanup-failed.handler.js';
import { CleanupOrphansHandler } from './handlers/cleanup-orphans.handler.js';
import { EngineCallbackHandler } from './handlers/engine-callback.handler.js';
import { GenerateBatchHandler } from './handlers/generate-batch.handler.js';
import { GenerateMeshHandler } from './handlers/generate-mesh.handler.js';
import { RecordFailureHandler } from './handlers/record-failure.handler.js';
import { RenderThumbnailHandler } from './handlers/render-thumbnail.handler.js';
import { RetryMeshHandler } from './handlers/retry-mesh.handler.js';
import { ImageFiles } from './work/image-files.js';
import { MeshFiles } from './work/mesh-files.js';
import { WorkFolder } from './work/work-folder.js';

@Module({})
export class AppModule implements OnModuleDestroy {
  constructor(@Inject(EngineThreads) private readonly threads: EngineThreads) {}

  static with(config: MeshConfig, database: DataSource, storage: FileStorage, work: WorkFolder): DynamicModule {
    const { meshThreads: threads, meshTimeout, meshHeap: heapMb, allowPrivateImages: open } = config;
    const engineThreads = new EngineThreads({ threads, heapMb, timeoutMs: meshTimeout * 1000 });
    const tasks = new EngineTaskStore(database);
    const images = new ImageFiles(new ImageUploadStore(database), storage, { allowHttp: open, allowPrivate: open });
    return {
      module: AppModule,
      controllers: [
        GenerateMeshHandler,
        GenerateBatchHandler,
        RetryMeshHandler,
        EngineCallbackHandler,
        CancelEngineTaskHandler,
        RecordFailureHandler,
        RenderThumbnailHandler,
        CleanupFailedHandler,
        CleanupOrphansHandler,
      ],
      providers: [
        ...[MeshStore, MeshBatchStore, MeshUpkeepStore].map((store) => ({
          provide: store,
          useValue: new store(database),
        })),
        { provide: EngineTaskStore, useValue: tasks },
        { provide: WorkFolder, useValue: work },
        { provide: ImageFiles, useValue: images },
        { provide: MeshFiles, useValue: new MeshFiles(storage) },
        { provide: EngineThreads, useValue: engineThreads },
        {
          provide: Engines,
          useValue: new Engines(new BuiltInEngine(engineThreads), externalEngine(config, tasks, engineThreads)),
        },
      ],
    };
  }

  async onModuleDestroy(): Promise<void> {
    await this.threads.close();
  }
}

function externalEngine(
  config: MeshConfig,
  tasks: EngineTaskStore,
  threads: EngineThreads,
): ExternalEngine | undefined {
  const { meshEngineUrl: url, meshEngineKey: key, meshCallbackUrl: callbackBase, allowPrivateImages: open } = config;
  if (url === undefined) return undefined;
  const client = new EngineClient({ url, key, guard: { allowHttp: open, allowPrivate: open } });
  return new ExternalEngine(client, tasks, threads, { callbackBase });
}
