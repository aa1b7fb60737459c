import type { Provider, Type } from '@nestjs/common';
import { EngineTaskStore, ImageUploadStore, MeshBatchStore, MeshStore } from '@roundhouse/mesh';
import type { FileStorage } from '@roundhouse/storage';
import type { DataSource } from 'typeorm';
import { CallbacksController, CallbackSecret } from './callbacks.controller.js';
import { ImageUpload } from './image-upload.js';
import { MeshBatches } from './mesh-batches.js';
import { MeshBatchesController } from './mesh-batches.controller.js';
import { ImagesController } from './images.controller.js';
import { meshStorageToken } from './mesh-storage.js';
import type { MeshConfig } from './mesh-config.js';
import { MeshesController } from './meshes.controller.js';

export const meshControllers: Type[] = [ImagesController, MeshesController, MeshBatchesController, CallbacksController];

/** What the mesh routes need. The stores share the gateway's connections: both schemas are in one database. */
export function meshProviders(config: MeshConfig, storage: FileStorage, database: DataSource): Provider[] {
  const stores = [EngineTaskStore, ImageUploadStore, MeshBatchStore, MeshStore];
  return [
    ...stores.map((store) => ({ provide: store, useValue: new store(database) })),
    ImageUpload,
    MeshBatches,
    { provide: meshStorageToken, useValue: storage },
    { provide: CallbackSecret, useValue: new CallbackSecret(config) },
  ];
}
