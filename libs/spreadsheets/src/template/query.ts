import { z } from 'zod';
import { columnTypes, targetNameSchema } from './template.js';

const fieldName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be a column name');

const comparisons = ['=', '<>', '<', '<=', '>', '>=', 'contains', 'starts_with', 'is_empty', 'is_not_empty'] as const;

const filterSchema = z
  .strictObject({
    column: fieldName,
    is: z.enum(comparisons),
    value: z.union([z.string().max(1_000), z.number(), z.boolean()]).optional(),
  })
  .refine(({ is, value }) => is.endsWith('empty') || value !== undefined, {
    path: ['value'],
    message: 'is required for this comparison',
  });

export type QueryFilter = z.output<typeof filterSchema>;

/** Which columns and rows of a target an export holds, and in which order. */
export const querySchema = z.strictObject({
  name: z.string().min(1).max(100),
  target: targetNameSchema,
  columns: z
    .array(
      z.strictObject({
        name: fieldName,
        header: z.string().min(1).max(200).optional(),
        type: z.enum(columnTypes).default('string'),
      }),
    )
    .max(200)
    .default([])
    .describe('Empty: all that the templates of the target have'),
  filters: z.array(filterSchema).max(20).default([]).describe('All of them must hold'),
  time_zone: z.string().max(64).default('UTC').describe('Of dates with a time in .xlsx'),
});

export type SheetQuery = z.output<typeof querySchema>;
