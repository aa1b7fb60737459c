import type { Transaction } from '@roundhouse/jobs';
import { changedRows } from './changed-rows.js';

const uploadsKeptDays = 7;

/** What upkeep may remove. Across all tenants, or within one. */
export class MeshUpkeepStore {
  constructor(private readonly database: Transaction) {}

  /** Removes some of the meshes that failed before `before`; answers how many. They have no files: those of failed runs are orphans. */
  async deleteFailed(before: Date, tenantId: string | undefined, limit: number): Promise<number> {
    const gone = await changedRows(
      this.database,
      `delete from mesh.meshes where id in (
         select id from mesh.meshes where state = 'failed' and finished_at < $1 and ($2::text is null or tenant_id = $2) limit $3 for update skip locked)
       returning id`,
      [before, tenantId, limit],
    );
    return gone.length;
  }

  /** Forgets tasks of external engines that were made before `before`: no job is that old. */
  async forgetEngineTasks(before: Date, tenantId: string | undefined): Promise<void> {
    await this.database.query(
      `delete from mesh.engine_tasks where created_at < $1 and ($2::text is null or tenant_id = $2)`,
      [before, tenantId],
    );
  }

  /** Forgets uploads of which no mesh was made and that are old; their files are orphans then. */
  async forgetUnusedUploads(): Promise<number> {
    const gone = await changedRows(
      this.database,
      `delete from mesh.uploads u where created_at < now() - make_interval(days => ${uploadsKeptDays})
          and not exists (select 1 from mesh.meshes m where m.storage_key = u.storage_key) returning storage_key`,
      [],
    );
    return gone.length;
  }

  /** Those of the keys that something refers to. */
  async referenced(storageKeys: readonly string[]): Promise<Set<string>> {
    const found = await this.database.query<{ key: string }[]>(
      `select k.key from unnest($1::text[]) as k (key)
        where exists (select 1 from mesh.files f where f.storage_key = k.key)
           or exists (select 1 from mesh.uploads u where u.storage_key = k.key)
           or exists (select 1 from mesh.meshes m where m.storage_key = k.key)`,
      [storageKeys],
    );
    return new Set(found.map(({ key }) => key));
  }
}
