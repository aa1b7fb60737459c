import type { Transaction } from '@roundhouse/jobs';
import type { Owner } from './owner.js';

export interface Upload {
  storageKey: string;
  userId: string;
  /** The file's name at the user's. */
  name: string;
  bytes: number;
  sha256: string;
  createdAt: Date;
}

export class UploadStore {
  constructor(private readonly database: Transaction) {}

  /** The same content of the same user is stored under the same key; it is kept once, with its first name, and as new as its last upload. */
  async add({ tenantId, userId }: Owner, upload: Omit<Upload, 'userId' | 'createdAt'>): Promise<void> {
    await this.database.query(
      `insert into trading.uploads (storage_key, tenant_id, user_id, name, bytes, sha256) values ($1, $2, $3, $4, $5, $6)
       on conflict (storage_key) do update set created_at = now()`,
      [upload.storageKey, tenantId, userId, upload.name, upload.bytes, upload.sha256],
    );
  }

  /** A storage key is only as good as the tenant's row for it: a job may name any. */
  async find({ tenantId, userId }: Owner, storageKey: string): Promise<Upload | undefined> {
    const [found] = await this.database.query<Upload[]>(
      `select storage_key as "storageKey", user_id as "userId", name, bytes::float8 as bytes, sha256, created_at as "createdAt"
         from trading.uploads where tenant_id = $1 and user_id = $2 and storage_key = $3`,
      [tenantId, userId, storageKey],
    );
    return found;
  }
}
