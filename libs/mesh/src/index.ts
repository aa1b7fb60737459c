export {
  MeshBatchStore,
  maxBatchImages,
  type MeshBatch,
  type MeshBatchState,
  type NewBatchImage,
} from './batch-store.js';
export type { ImageSource, Mesh, MeshFailure, MeshState, NewMesh, StoredMeshFile } from './mesh.js';
export { EngineTaskStore, type EngineTask, type EngineTaskNews, type OpenEngineTask } from './engine-task-store.js';
export { createMeshDataSource, type MeshDatabaseOptions } from './mesh-data-source.js';
export { MeshStore, type MeshFilter } from './mesh-store.js';
export { type Page, type PageRequest } from './page-cursor.js';
export { imageKey, meshFileKey, meshFolder } from './storage-keys.js';
export { MeshUpkeepStore } from './upkeep-store.js';
export { ImageUploadStore, type ImageUpload } from './upload-store.js';
