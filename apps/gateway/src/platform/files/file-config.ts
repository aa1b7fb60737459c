import { text, url } from '@roundhouse/service';
import { openStorage, type FileStorage } from '@roundhouse/storage';
import type { z } from 'zod';

export const fileFields = {
  /** Folder of uploaded and made files, shared with the workers. */
  storageDir: text('a folder'),
  /** Where files lie instead of that folder: `s3://bucket/prefix?endpoint=…&region=…`, the same as the workers'. */
  storageUrl: url(['s3']).optional(),
};

export type FileConfig = z.output<z.ZodObject<typeof fileFields>>;

export const openFiles = ({ storageDir, storageUrl }: FileConfig): Promise<FileStorage> =>
  openStorage(storageDir, storageUrl);
