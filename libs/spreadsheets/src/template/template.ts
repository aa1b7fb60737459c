import { z } from 'zod';
import { patternFault } from './pattern.js';

export const columnTypes = [
  'string',
  'integer',
  'decimal',
  'boolean',
  'date',
  'datetime',
  'email',
  'enum',
  'reference',
] as const;
export type ColumnType = (typeof columnTypes)[number];

/** Applied to a value's text in the order given, before it is read as its type. */
export const transforms = ['trim', 'collapse', 'upper', 'lower', 'title', 'digits', 'alphanumeric'] as const;
export type Transform = (typeof transforms)[number];

const nameSchema = (what: string) =>
  z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, `must be ${what}: lower-case letters, digits and "_", a letter first`);

export const targetNameSchema = nameSchema('a target name');

const ruleSchema = z.strictObject({
  min: z.number().optional().describe('Smallest number'),
  max: z.number().optional().describe('Largest number'),
  min_length: z.number().int().min(0).max(32_767).optional(),
  max_length: z.number().int().min(1).max(32_767).optional(),
  pattern: z
    .string()
    .min(1)
    .max(200)
    .superRefine((pattern, ctx) => {
      const fault = patternFault(pattern);
      const message = `must be a regular expression of RE2, without look-around and back-references: ${fault}`;
      if (fault !== undefined) ctx.addIssue({ code: 'custom', message });
    })
    .optional()
    .describe('Regular expression of RE2 that the whole text must match'),
  not_before: z.iso.date('must be a date like 2026-01-31').optional(),
  not_after: z.iso.date('must be a date like 2026-01-31').optional(),
  unique: z.boolean().optional().describe('No value twice in one file'),
});

const dateFormat = z
  .string()
  .regex(
    /^(?=.*D)(?=.*M)(?=.*Y)(DD?|MM?M?|YYYY|YY|[-/. ,])+$/,
    'must be made of D, DD, M, MM, MMM, YY, YYYY and - / . , like DD.MM.YYYY',
  );

export const columnSchema = z
  .strictObject({
    name: nameSchema('a column name'),
    header: z.string().min(1).max(200).optional().describe('Name for people: in exports and previews. Unset: the name'),
    type: z.enum(columnTypes),
    required: z.boolean().default(false),
    default: z.string().max(1_000).optional().describe('Stands in for an empty cell; read like one'),
    transform: z.array(z.enum(transforms)).max(10).default([]),
    rule: ruleSchema.default({}),
    aliases: z.array(z.string().min(1).max(200)).max(50).default([]).describe('Other names in headers'),
    values: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(1_000)
      .optional()
      .describe('enum: what is allowed, in any case; stored as written here'),
    target: targetNameSchema.optional().describe('reference: the target that must hold this key'),
    formats: z
      .array(dateFormat)
      .max(10)
      .default([])
      .describe('date, datetime: how dates in texts are written; ISO 8601 always works'),
    decimal: z.enum(['.', ',']).default('.').describe('integer, decimal: the decimal point of numbers in texts'),
  })
  .superRefine((column, ctx) => {
    if (column.type === 'enum' && !column.values)
      ctx.addIssue({ code: 'custom', path: ['values'], message: 'is required for an enum: what is allowed' });
    if (column.type === 'reference' && !column.target)
      ctx.addIssue({ code: 'custom', path: ['target'], message: 'is required for a reference: where the key is' });
  });

export type Column = z.output<typeof columnSchema>;

function isTimeZone(name: string): boolean {
  try {
    return name.includes('/') || name === 'UTC' ? Boolean(new Intl.DateTimeFormat('en', { timeZone: name })) : false;
  } catch {
    return false;
  }
}

const repeated = (values: string[]): string | undefined => values.find((value, i) => values.indexOf(value) !== i);

/** What a sheet shall look like, and where its rows go. */
export const templateSchema = z
  .strictObject({
    name: z.string().min(1).max(100),
    target: targetNameSchema.describe('Rows of all templates of a target are one set of records'),
    columns: z.array(columnSchema).min(1).max(200),
    key: z
      .array(z.string())
      .max(10)
      .default([])
      .describe('Columns that make a row the same as a stored one. Empty: every row is a new record'),
    time_zone: z
      .string()
      .refine(isTimeZone, 'must be an IANA time zone like Europe/Vienna, or UTC')
      .default('UTC')
      .describe('Of dates with a time; spreadsheets have none'),
  })
  .superRefine(({ columns, key }, ctx) => {
    const names = columns.map(({ name }) => name);
    const twice = repeated(names);
    if (twice) ctx.addIssue({ code: 'custom', path: ['columns'], message: `has two columns "${twice}"` });
    for (const [i, name] of key.entries()) {
      const column = columns.find((candidate) => candidate.name === name);
      if (!column) ctx.addIssue({ code: 'custom', path: ['key', i], message: `is no column: ${name.slice(0, 63)}` });
      else if (!column.required)
        ctx.addIssue({ code: 'custom', path: ['key', i], message: `must be required: a key has no empty part` });
    }
    if (repeated(key)) ctx.addIssue({ code: 'custom', path: ['key'], message: 'names a column twice' });
  });

export type Template = z.output<typeof templateSchema>;
