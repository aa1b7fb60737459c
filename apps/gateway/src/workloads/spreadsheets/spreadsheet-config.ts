import { durationMs, integer } from '@roundhouse/service';
import type { z } from 'zod';

export const spreadsheetFields = {
  /** How long uploaded sheets, imports with their errors, and exports are kept; the same for the importer. */
  spreadsheetRetention: durationMs({ min: 1_000 }).default(86_400_000),
  /** Bytes of one uploaded sheet. */
  spreadsheetMaxBytes: integer(1_024, 4 * 1024 * 1024 * 1024).default(128 * 1024 * 1024),
};

export type SpreadsheetConfig = z.output<z.ZodObject<typeof spreadsheetFields>>;
