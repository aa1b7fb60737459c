import type { DataSource } from 'typeorm';

/** Uploads that are old. */
export class UploadExpiry {
  constructor(private readonly database: DataSource) {}

  /**
   * Removes the uploads from before a time, file by file: the row goes when its file has gone, so that no file is forgotten, and is
   * locked until then, so that whoever uploads the file again puts it there afterwards.
   * @returns how many
   */
  async sweep(before: Date, removeFile: (storageKey: string) => Promise<unknown>): Promise<number> {
    for (let removed = 0; ; removed += 1) if (!(await this.removeOne(before, removeFile))) return removed;
  }

  private removeOne(before: Date, removeFile: (storageKey: string) => Promise<unknown>): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const [old] = await tx.query<{ key: string }[]>(
        `select storage_key as key from trading.uploads where created_at < $1 order by created_at limit 1 for update skip locked`,
        [before],
      );
      if (!old) return false;
      await removeFile(old.key);
      await tx.query('delete from trading.uploads where storage_key = $1', [old.key]);
      return true;
    });
  }
}
