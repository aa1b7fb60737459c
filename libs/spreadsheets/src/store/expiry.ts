import type { DataSource } from 'typeorm';
import { select } from './database.js';

const atOnce = 200;

/** What has expired, file by file: the rows go when their files have gone, so that no file is forgotten. */
export class Expiry {
  constructor(private readonly database: DataSource) {}

  /** Removes a portion of what has expired. Returns how much; below the portion's size nothing is left. */
  async sweep(removeFile: (storageKey: string) => Promise<unknown>): Promise<{ removed: number; more: boolean }> {
    let removed = 0;
    let more = false;
    for (const [table, file] of [
      // Imports first: one that still runs holds its upload.
      ['imports', 'failed_file'],
      ['exports', 'storage_key'],
      ['uploads', 'storage_key'],
    ] as const) {
      const held =
        table === 'uploads'
          ? `and not exists (select 1 from spreadsheets.imports i where i.upload_id = x.id and i.status in ('pending', 'processing')
                               and i.expires_at > now())`
          : '';
      const found = await select<{ id: string; file: string | null }>(
        this.database,
        `select id, ${file} as file from spreadsheets.${table} x where expires_at <= now() ${held} order by expires_at limit ${atOnce}`,
        [],
      );
      for (const row of found) {
        if (row.file) await removeFile(row.file);
        await select(this.database, `delete from spreadsheets.${table} where id = $1`, [row.id]);
      }
      removed += found.length;
      more ||= found.length === atOnce;
    }
    return { removed, more };
  }
}
