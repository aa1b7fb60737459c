import { z } from 'zod';
import { idSchema, mostInteger } from '../../platform/http/index.js';

const sheetFields = {
  sheet: z.string().max(200).default('').describe('Empty: the first visible one'),
  header_row: z.number().int().min(0).max(1_048_576).default(0).describe('From 1; 0: it is looked for'),
  mapping: z
    .record(z.string().max(63), z.string().max(220))
    .optional()
    .describe('Column of the template → column name in the sheet. Unset: mapped by names and aliases'),
};

export const previewRequestSchema = z
  .strictObject({
    template_id: idSchema.optional().describe('Unset: only what the sheet holds'),
    template_version: z.number().int().min(1).max(mostInteger).optional(),
    ...sheetFields,
  })
  .meta({ id: 'SheetPreviewRequest' });

const modes = { partial: 'IMPORT_MODE_PARTIAL', all_or_nothing: 'IMPORT_MODE_ALL_OR_NOTHING' } as const;
const onExisting = { update: 'ON_EXISTING_UPDATE', skip: 'ON_EXISTING_SKIP', fail: 'ON_EXISTING_FAIL' } as const;

const names = <T extends object>(of: T) => Object.keys(of) as [keyof T & string, ...(keyof T & string)[]];

export const importRequestSchema = z
  .strictObject({
    upload_id: idSchema,
    template_id: idSchema,
    template_version: z.number().int().min(1).max(mostInteger).optional().describe('Default: the newest, now'),
    ...sheetFields,
    dry_run: z.boolean().default(false).describe('Everything is read and checked, nothing is stored'),
    mode: z.enum(names(modes)).default('partial'),
    max_failed_rows: z.number().int().min(1).max(1_000_000).default(10_000).describe('With more the import fails'),
    on_existing: z.enum(names(onExisting)).default('update').describe('What becomes of a row whose key is there'),
    rewrite_unchanged: z.boolean().default(false),
    corrects: idSchema.optional().describe('The import whose failed rows this file corrects'),
  })
  .meta({ id: 'SheetImportRequest' });

export type SheetImportBody = z.output<typeof importRequestSchema>;

/** As the kind's message has it. */
export function importPayload(body: SheetImportBody, templateVersion: number): Record<string, unknown> {
  const { mode, on_existing: existing, mapping = {}, corrects = '', ...same } = body;
  return {
    ...same,
    template_version: templateVersion,
    mapping,
    corrects,
    mode: modes[mode],
    on_existing: onExisting[existing],
  };
}
