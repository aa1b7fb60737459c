import { rowRules, type Preview, type StoredUpload } from '@roundhouse/spreadsheets';
import { z } from 'zod';

export const uploadSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    type: z.enum(['xlsx', 'xls', 'csv']).describe('By its content'),
    bytes: z.number().int(),
    sheets: z.array(
      z.object({
        name: z.string(),
        hidden: z.boolean(),
        rows: z.number().int().describe('By its looks; blank ones count'),
        merged_ranges: z.number().int(),
      }),
    ),
    encoding: z.string().optional().describe('CSV only'),
    delimiter: z.string().optional().describe('CSV only'),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'SheetUpload' });

export function uploadView({ id, name, type, bytes, facts, createdAt, expiresAt }: StoredUpload) {
  return {
    id,
    name,
    type,
    bytes,
    sheets: facts.sheets.map(({ merges, ...sheet }) => ({ ...sheet, merged_ranges: merges.length })),
    ...facts.dialect,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
}

export const rowErrorSchema = z.object({
  row: z.number().int().describe('In the sheet, from 1'),
  column: z.string().describe('Of the template; empty: the whole row'),
  value: z.string(),
  rule: z.enum(rowRules),
  message: z.string(),
});

export const previewSchema = z
  .object({
    sheet: z.string(),
    header_row: z.number().int(),
    columns: z.array(
      z.object({
        header: z.string(),
        sample: z.string().describe('The first value below'),
      }),
    ),
    mapping: z.array(
      z.object({
        column: z.string().describe('Of the template'),
        header: z.string().describe('Of the sheet'),
        confidence: z.number().describe('0 … 1; 1: the same name'),
      }),
    ),
    missing: z.array(z.string()).describe('Columns of the template that need one of the sheet and have none'),
    rows: z.array(
      z.object({
        row: z.number().int(),
        cells: z.array(z.string()).describe('As they stand in the sheet, by the place of `columns`'),
        values: z.record(z.string(), z.unknown()).optional().describe('As they would be stored'),
        errors: z.array(rowErrorSchema),
      }),
    ),
  })
  .meta({ id: 'SheetPreview' });

export function previewView({ sheet, headerRow, columns, mapping, missing, rows }: Preview) {
  const shown = columns.map(({ header, sample }) => ({ header, sample }));
  return { sheet, header_row: headerRow, columns: shown, mapping, missing, rows };
}
