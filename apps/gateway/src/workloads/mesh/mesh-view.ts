import { decodeToJson, GenerateMeshResult } from '@roundhouse/contracts';
import type { Mesh } from '@roundhouse/mesh';
import { z } from 'zod';
import type { SignedLinks } from '../../platform/access/index.js';
import { optionsView } from './mesh-fields.js';

const time = z.iso.datetime().nullable();

export const linkSchema = z.string().describe('Needs no API key and is valid for an hour');

export const meshSchema = z
  .object({
    id: z.uuid(),
    batch_id: z.uuid().nullable(),
    name: z.string(),
    state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
    job_id: z.uuid().nullable(),
    image_url: z.string().nullable(),
    storage_key: z.string().nullable(),
    options: z.unknown(),
    error: z.object({ code: z.string(), message: z.string(), field: z.string().nullable() }).nullable(),
    result: z
      .unknown()
      .describe(
        'vertex_count, triangle_count, volume_mm3, area_mm2, min_mm, max_mm, genus, watertight, iou, max_error …',
      ),
    files: z.array(z.object({ format: z.string(), bytes: z.number().int(), sha256: z.string(), link: linkSchema })),
    thumbnail: linkSchema.nullable(),
    created_at: time,
    finished_at: time,
  })
  .meta({ id: 'Mesh' });

const linkSeconds = 3_600;

export function meshView(mesh: Mesh, links: SignedLinks): z.input<typeof meshSchema> {
  const { id, tenantId } = mesh;
  const link = (path: string) => links.sign(`/v1/meshes/${id}/${path}`, tenantId, linkSeconds);
  const thumbnail = mesh.files.find(({ format }) => format === 'thumbnail');
  return {
    id,
    batch_id: mesh.batchId,
    name: mesh.name,
    state: mesh.state,
    job_id: mesh.jobId,
    image_url: mesh.imageUrl,
    storage_key: mesh.storageKey,
    options: optionsView(mesh.options),
    error: mesh.error,
    result: resultView(mesh.result),
    files: mesh.files
      .filter(({ format }) => format !== 'thumbnail')
      .map(({ format, bytes, sha256 }) => ({ format, bytes, sha256, link: link(`files/${format}`) })),
    thumbnail: thumbnail ? link('thumbnail') : null,
    created_at: mesh.createdAt.toISOString(),
    finished_at: mesh.finishedAt?.toISOString() ?? null,
  };
}

/** Without its files, which have links instead of keys. */
function resultView(result: GenerateMeshResult | null): unknown {
  if (!result) return null;
  const bytes = GenerateMeshResult.encode({ ...result, files: [] }).finish();
  return { genus: 0, ...(decodeToJson('roundhouse.mesh.v1.GenerateMeshResult', bytes) as object) };
}
