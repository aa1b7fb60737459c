import type { MeshBatchStore, MeshStore } from '@roundhouse/mesh';
import type { WorkloadThing } from '../../platform/workload/index.js';

export const meshThings = ['mesh', 'mesh_batch'] as const;

export async function findMeshThings(
  stores: { meshes: MeshStore; batches: MeshBatchStore },
  tenantId: string,
  id: string,
): Promise<WorkloadThing<(typeof meshThings)[number]>[]> {
  const [mesh, batch] = await Promise.all([stores.meshes.find(tenantId, id), stores.batches.find(tenantId, id)]);
  return [
    ...(mesh ? [{ type: 'mesh' as const, id, name: mesh.name, state: mesh.state }] : []),
    ...(batch ? [{ type: 'mesh_batch' as const, id, name: batch.name, state: batch.state }] : []),
  ];
}
