import { targetNameSchema } from '@roundhouse/spreadsheets';
import { z } from 'zod';
import { idSchema } from '../../platform/http/index.js';

const formats = { xlsx: 'EXPORT_FORMAT_XLSX', csv: 'EXPORT_FORMAT_CSV', ndjson: 'EXPORT_FORMAT_NDJSON' } as const;

export const exportRequestSchema = z
  .strictObject({
    target: targetNameSchema.optional(),
    query_id: idSchema.optional().describe('A stored query, instead of a whole target'),
    format: z.enum(Object.keys(formats) as [keyof typeof formats]),
    name: z.string().min(1).max(100).optional().describe('Of the file, without its ending'),
    delimiter: z.enum([',', ';', '|', '\t']).optional().describe('CSV only'),
  })
  .refine(({ target, query_id: query }) => (target === undefined) !== (query === undefined), {
    path: ['target'],
    message: 'give either target or query_id',
  })
  .meta({ id: 'SheetExportRequest' });

/** As the kind's message has it. */
export function exportPayload(body: z.output<typeof exportRequestSchema>): Record<string, unknown> {
  const { format, name = '', delimiter = '', ...source } = body;
  return { ...source, format: formats[format], name, delimiter };
}
