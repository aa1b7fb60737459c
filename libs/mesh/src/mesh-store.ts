import { GenerateMeshResult, MeshOptions } from '@roundhouse/contracts';
import type { Transaction } from '@roundhouse/jobs';
import type { Mesh, MeshFailure, MeshState, NewMesh, StoredMeshFile } from './mesh.js';
import { meshColumns, meshOf, type MeshRow } from './mesh-columns.js';
import { decodeCursor, pageOf, type Page, type PageRequest } from './page-cursor.js';
import { changedRows } from './changed-rows.js';

export interface MeshFilter {
  batchId?: string | undefined;
  state?: MeshState | undefined;
}

/** Meshes of a tenant. A mesh's state changes by compare-and-set: who comes late changes nothing. */
export class MeshStore {
  constructor(private readonly database: Transaction) {}

  /** Notes a mesh that is asked for; one that is known already stays as it is. */
  async add(tenantId: string, mesh: NewMesh, jobId: string): Promise<void> {
    await this.database.query(
      insertMesh + ' on conflict (id) do nothing',
      insertValues(tenantId, mesh, 'queued', jobId),
    );
  }

  /**
   * A job starts on a mesh, which must not be over. Undefined: it was cancelled or deleted meanwhile, or another job has it.
   * @param own false: the mesh must be known, e.g. as one of a batch
   */
  async begin(tenantId: string, mesh: NewMesh, jobId: string, own: boolean): Promise<{ id: string } | undefined> {
    const claimed = await this.claim(tenantId, mesh.id, jobId);
    if (claimed || !own) return claimed;
    const [inserted] = await this.database.query<{ id: string }[]>(
      insertMesh + ' on conflict (id) do nothing returning id',
      insertValues(tenantId, mesh, 'running', jobId),
    );
    // Whoever asked for it may have noted it between the two.
    return inserted ?? this.claim(tenantId, mesh.id, jobId);
  }

  private async claim(tenantId: string, id: string, jobId: string): Promise<{ id: string } | undefined> {
    const [claimed] = await changedRows<{ id: string }>(
      this.database,
      `update mesh.meshes set state = 'running', job_id = $3
        where id = $1 and tenant_id = $2 and state in ('queued', 'running') and (job_id = $3 or state = 'queued')
        returning id`,
      [id, tenantId, jobId],
    );
    return claimed;
  }

  /** False: the mesh is not this job's any more, so its files are nobody's. */
  async succeed(
    tx: Transaction,
    tenantId: string,
    jobId: string,
    result: GenerateMeshResult,
    files: StoredMeshFile[],
  ): Promise<boolean> {
    const changed = await changedRows(
      tx,
      `update mesh.meshes set state = 'succeeded', result = $4, error_code = null, error_message = null, error_field = null, finished_at = now()
        where id = $1 and tenant_id = $2 and job_id = $3 and state = 'running' returning id`,
      [result.meshId, tenantId, jobId, GenerateMeshResult.encode(result).finish()],
    );
    if (changed.length === 0) return false;
    await tx.query('delete from mesh.files where mesh_id = $1', [result.meshId]);
    for (const file of files) await putFile(tx, result.meshId, file);
    return true;
  }

  /** What of the request is at fault in a job that is about to die: notices of deaths do not carry it. */
  async noteFault(tenantId: string, id: string, jobId: string, field: string): Promise<void> {
    await this.database.query(
      `update mesh.meshes set error_field = $4 where id = $1 and tenant_id = $2 and job_id = $3 and state = 'running'`,
      [id, tenantId, jobId, field],
    );
  }

  /** False: it is over already, gone, or another job's. */
  async fail(tenantId: string, id: string, jobId: string, { code, message, field }: MeshFailure): Promise<boolean> {
    const changed = await changedRows(
      this.database,
      `update mesh.meshes set state = 'failed', error_code = $4, error_message = $5, error_field = coalesce($6, error_field), finished_at = now(), job_id = $3
        where id = $1 and tenant_id = $2 and (job_id = $3 or job_id is null) and state in ('queued', 'running') returning id`,
      [id, tenantId, jobId, code, message.slice(0, 2000), field],
    );
    return changed.length > 0;
  }

  /** Of one mesh or of a batch: what is not over is cancelled. Answers how many. */
  async cancel(tenantId: string, { id, batchId }: { id?: string; batchId?: string }): Promise<number> {
    const changed = await changedRows(
      this.database,
      `update mesh.meshes set state = 'cancelled', finished_at = now()
        where tenant_id = $1 and state in ('queued', 'running') and (id = $2 or batch_id = $3) returning id`,
      [tenantId, id, batchId],
    );
    return changed.length;
  }

  /** Meshes that have a job and are not over, in the order of their jobs, after job `after`. Across tenants. */
  async open(after: string | undefined, limit: number): Promise<{ jobId: string }[]> {
    return this.database.query<{ jobId: string }[]>(
      `select job_id as "jobId" from mesh.meshes
        where state in ('queued', 'running') and job_id is not null and ($1::uuid is null or job_id > $1)
        order by job_id limit $2`,
      [after ?? null, limit],
    );
  }

  /** These jobs were cancelled: so are their meshes. */
  async cancelOfJobs(jobIds: readonly string[]): Promise<void> {
    await this.database.query(
      `update mesh.meshes set state = 'cancelled', finished_at = now()
        where job_id = any ($1::uuid[]) and state in ('queued', 'running')`,
      [jobIds],
    );
  }

  /** A failed or cancelled mesh is to be made again by a job to come. Undefined: it is neither. */
  async requeue(tx: Transaction, tenantId: string, id: string): Promise<Mesh | undefined> {
    await tx.query(
      `update mesh.meshes set state = 'queued', job_id = null, error_code = null, error_message = null, error_field = null, finished_at = null
        where id = $1 and tenant_id = $2 and state in ('failed', 'cancelled')`,
      [id, tenantId],
    );
    const mesh = await new MeshStore(tx).find(tenantId, id);
    return mesh?.state === 'queued' ? mesh : undefined;
  }

  async find(tenantId: string, id: string): Promise<Mesh | undefined> {
    const [row] = await this.database.query<MeshRow[]>(
      `select ${meshColumns} from mesh.meshes m where m.id = $1 and m.tenant_id = $2`,
      [id, tenantId],
    );
    return row && meshOf(row);
  }

  /** Newest first. */
  async page(tenantId: string, { batchId, state }: MeshFilter, { limit, cursor }: PageRequest): Promise<Page<Mesh>> {
    const after = decodeCursor(cursor);
    const found = await this.database.query<MeshRow[]>(
      `select ${meshColumns} from mesh.meshes m
        where m.tenant_id = $1 and ($2::uuid is null or m.batch_id = $2) and ($3::text is null or m.state = $3)
          and ($4::timestamptz is null or (m.created_at, m.id) < ($4, $5::uuid))
        order by m.created_at desc, m.id desc limit $6`,
      [tenantId, batchId, state, after?.createdAt, after?.id, limit + 1],
    );
    return pageOf(found.map(meshOf), limit);
  }

  /** Meshes of a batch in the order of its images, after a position. */
  async ofBatch(tenantId: string, batchId: string, after: number, limit: number): Promise<Mesh[]> {
    const found = await this.database.query<MeshRow[]>(
      `select ${meshColumns} from mesh.meshes m where m.tenant_id = $1 and m.batch_id = $2 and m.position > $3 order by m.position limit $4`,
      [tenantId, batchId, after, limit],
    );
    return found.map(meshOf);
  }

  async addFile(tx: Transaction, tenantId: string, id: string, file: StoredMeshFile): Promise<boolean> {
    const [mesh] = await tx.query<unknown[]>(
      `select 1 from mesh.meshes where id = $1 and tenant_id = $2 and state = 'succeeded' for update`,
      [id, tenantId],
    );
    if (!mesh) return false;
    await putFile(tx, id, file);
    return true;
  }

  /** Removes the row; the caller removes its files. Undefined: there is none. */
  async delete(tenantId: string, id: string): Promise<Mesh | undefined> {
    const mesh = await this.find(tenantId, id);
    if (!mesh) return undefined;
    await this.database.query('delete from mesh.meshes where id = $1 and tenant_id = $2', [id, tenantId]);
    return mesh;
  }
}

const insertMesh = `insert into mesh.meshes (id, tenant_id, batch_id, position, name, storage_key, image_url, options, state, job_id)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

function insertValues(tenantId: string, mesh: NewMesh, state: MeshState, jobId: string): unknown[] {
  const { id, batchId, position = 0, name, source, options } = mesh;
  const encoded = MeshOptions.encode(MeshOptions.fromPartial(options ?? {})).finish();
  return [id, tenantId, batchId, position, name, source.storageKey, source.imageUrl, encoded, state, jobId];
}

async function putFile(
  tx: Transaction,
  meshId: string,
  { format, storageKey, bytes, sha256 }: StoredMeshFile,
): Promise<void> {
  await tx.query(
    `insert into mesh.files (storage_key, mesh_id, format, bytes, sha256) values ($1, $2, $3, $4, $5)
     on conflict (mesh_id, format) do update set storage_key = excluded.storage_key, bytes = excluded.bytes, sha256 = excluded.sha256`,
    [storageKey, meshId, format, bytes, sha256],
  );
}
