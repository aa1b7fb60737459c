import type { Transaction } from '@roundhouse/jobs';

export interface ImageUpload {
  storageKey: string;
  /** The file's name at the user's. */
  name: string;
  bytes: number;
  sha256: string;
}

/** Images that were uploaded. A storage key is only as good as the tenant's row for it: a job may name any. */
export class ImageUploadStore {
  constructor(private readonly database: Transaction) {}

  /** The same image of a tenant is kept once, with its first name; uploading it again makes it young again. */
  async add(tenantId: string, { storageKey, name, bytes, sha256 }: ImageUpload): Promise<void> {
    await this.database.query(
      `insert into mesh.uploads (storage_key, tenant_id, name, bytes, sha256) values ($1, $2, $3, $4, $5)
       on conflict (storage_key) do update set created_at = now()`,
      [storageKey, tenantId, name, bytes, sha256],
    );
  }

  async find(tenantId: string, storageKey: string): Promise<ImageUpload | undefined> {
    const [found] = await this.findAll(tenantId, [storageKey]);
    return found;
  }

  async findAll(tenantId: string, storageKeys: readonly string[]): Promise<ImageUpload[]> {
    return this.database.query(
      `select storage_key as "storageKey", name, bytes::float8 as bytes, sha256 from mesh.uploads
        where tenant_id = $1 and storage_key = any($2::text[])`,
      [tenantId, storageKeys],
    );
  }
}
