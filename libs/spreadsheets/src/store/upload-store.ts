import type { DataSource } from 'typeorm';
import type { FileType } from '../files/workbook/file-type.js';
import type { FileFacts } from '../process/requests.js';
import { select } from './database.js';
import { pageOf, positionOf, type Page, type PageRequest } from './page-position.js';

export interface StoredUpload {
  id: string;
  storageKey: string;
  /** The file's name at the user's. */
  name: string;
  type: FileType;
  bytes: number;
  sha256: string;
  facts: FileFacts;
  createdAt: Date;
  expiresAt: Date;
}

const columns = `id, storage_key as "storageKey", name, type, bytes::float8 as bytes, sha256, facts,
  created_at as "createdAt", expires_at as "expiresAt"`;

/** Uploaded files; what has expired is not found any more. */
export class SheetUploadStore {
  constructor(private readonly database: DataSource) {}

  async add(
    tenantId: string,
    upload: Omit<StoredUpload, 'createdAt' | 'expiresAt'>,
    keepMs: number,
  ): Promise<StoredUpload> {
    const { id, storageKey, name, type, bytes, sha256, facts } = upload;
    const [row] = await select<StoredUpload>(
      this.database,
      `insert into spreadsheets.uploads (id, tenant_id, storage_key, name, type, bytes, sha256, facts, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9)) returning ${columns}`,
      [id, tenantId, storageKey, name, type, bytes, sha256, JSON.stringify(facts), keepMs / 1000],
    );
    return row!;
  }

  async find(tenantId: string, id: string): Promise<StoredUpload | undefined> {
    const [row] = await select<StoredUpload>(
      this.database,
      `select ${columns} from spreadsheets.uploads where tenant_id = $1 and id = $2 and expires_at > now()`,
      [tenantId, id],
    );
    return row;
  }

  async page(tenantId: string, { limit, cursor }: PageRequest): Promise<Page<StoredUpload>> {
    const { before, id } = positionOf(cursor);
    const rows = await select<StoredUpload>(
      this.database,
      `select ${columns} from spreadsheets.uploads
        where tenant_id = $1 and expires_at > now() and (created_at, id) < ($2, $3::uuid)
        order by created_at desc, id desc limit $4`,
      [tenantId, before, id, limit + 1],
    );
    return pageOf(rows, limit);
  }

  /** What was removed, so that its file can be as well. */
  async remove(tenantId: string, id: string): Promise<{ storageKey: string } | undefined> {
    const [row] = await select<{ storageKey: string }>(
      this.database,
      `delete from spreadsheets.uploads where tenant_id = $1 and id = $2 returning storage_key as "storageKey"`,
      [tenantId, id],
    );
    return row;
  }
}
