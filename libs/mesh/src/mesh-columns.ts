import { GenerateMeshResult, MeshOptions } from '@roundhouse/contracts';
import type { Mesh } from './mesh.js';

/** Columns of a mesh with its files, as `Mesh` names them. */
export const meshColumns = `
  m.id, m.tenant_id as "tenantId", m.batch_id as "batchId", m.position, m.name, m.storage_key as "storageKey",
  m.image_url as "imageUrl", m.options, m.state, m.job_id as "jobId", m.result,
  case when m.error_code is not null then
    json_build_object('code', m.error_code, 'message', m.error_message, 'field', m.error_field) end as error,
  coalesce((select json_agg(json_build_object('format', f.format, 'storageKey', f.storage_key, 'bytes', f.bytes, 'sha256', f.sha256)
            order by f.format) from mesh.files f where f.mesh_id = m.id), '[]') as files,
  m.created_at as "createdAt", m.finished_at as "finishedAt"`;

/** As it comes from the database: messages are encoded. */
export type MeshRow = Omit<Mesh, 'options' | 'result'> & { options: Buffer; result: Buffer | null };

export const meshOf = (row: MeshRow): Mesh => ({
  ...row,
  options: MeshOptions.decode(row.options),
  result: row.result && GenerateMeshResult.decode(row.result),
});
