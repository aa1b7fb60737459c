import type { Provider } from '@nestjs/common';
import { EngineTaskStore, ImageUploadStore, MeshBatchStore, MeshStore } from '@roundhouse/mesh';
import type { Workload } from '../../platform/workload/index.js';
import { CallbacksController, CallbackSecret } from './callbacks.controller.js';
import { ImageUpload } from './image-upload.js';
import { ImagesController } from './images.controller.js';
import { MeshBatches } from './mesh-batches.js';
import { MeshBatchesController } from './mesh-batches.controller.js';
import { meshFields } from './mesh-config.js';
import { MeshLoop } from './mesh-loop.js';
import { meshStorageToken } from './mesh-storage.js';
import { findMeshThings, meshThings } from './mesh-things.js';
import { MeshesController } from './meshes.controller.js';

export const mesh: Workload<typeof meshFields> = {
  fields: meshFields,
  controllers: [ImagesController, MeshesController, MeshBatchesController, CallbacksController],
  things: meshThings,

  async open({ config, database, engine, files, openFiles, log }) {
    const storage = config.meshStorageUrl ? await openFiles(config.meshStorageUrl) : files;
    const loop = new MeshLoop(database, engine, log);
    loop.start();
    const meshes = new MeshStore(database);
    const batches = new MeshBatchStore(database);
    const providers: Provider[] = [
      { provide: MeshStore, useValue: meshes },
      { provide: MeshBatchStore, useValue: batches },
      { provide: EngineTaskStore, useValue: new EngineTaskStore(database) },
      { provide: ImageUploadStore, useValue: new ImageUploadStore(database) },
      ImageUpload,
      MeshBatches,
      { provide: meshStorageToken, useValue: storage },
      { provide: CallbackSecret, useValue: new CallbackSecret(config) },
    ];
    return {
      providers,
      find: (tenantId, id) => findMeshThings({ meshes, batches }, tenantId, id),
      stop: () => loop.stop(),
    };
  },
};
