import { z } from 'zod';
import { idSchema, timestampSchema } from '../../platform/http/index.js';
import { userIdSchema, windowFields } from './trading-fields.js';

const column = z.string().max(200);

/** Header names of a generic CSV file; see ColumnMapping of the contract. */
const mappingSchema = z.strictObject({
  symbol: column,
  side: column.optional(),
  quantity: column,
  price: column,
  fee: column.optional(),
  fee_currency: column.optional(),
  timestamp: column,
  external_id: column.optional(),
  time_zone: column.optional(),
  broker: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'is a short name in small letters, like degiro')
    .optional(),
});

/** JSON names the contract's fields either way: `fee_currency` or `feeCurrency`. */
function snakeCase(mapping: unknown): unknown {
  if (typeof mapping !== 'object' || mapping === null) return mapping;
  const name = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(mapping).map(([key, value]) => [name(key), value]));
}

/** A form field holds text. */
const mappingField = z
  .string()
  .transform((text, ctx): unknown => {
    try {
      return snakeCase(JSON.parse(text));
    } catch {
      ctx.addIssue('must be JSON like {"symbol": "Ticker", "quantity": "Qty", "price": "Price", "timestamp": "Time"}');
      return z.NEVER;
    }
  })
  .pipe(mappingSchema);

const formats = {
  ibkr_flex_xml: 'TRADE_FILE_FORMAT_IBKR_FLEX_XML',
  schwab_csv: 'TRADE_FILE_FORMAT_SCHWAB_CSV',
  generic_csv: 'TRADE_FILE_FORMAT_GENERIC_CSV',
} as const;

export const fileFieldsSchema = z
  .strictObject({
    user_id: userIdSchema,
    format: z.enum(Object.keys(formats) as [keyof typeof formats]),
    mapping: mappingField.optional(),
    ...windowFields,
  })
  .refine(({ format, mapping }) => format !== 'generic_csv' || mapping !== undefined, {
    path: ['mapping'],
    message: 'is required for generic_csv: which column holds what',
  });

export type FileFields = z.output<typeof fileFieldsSchema>;

/** As the OpenAPI document shows the form. */
export const fileFormSchema = z
  .strictObject({
    user_id: userIdSchema,
    format: z.enum(Object.keys(formats) as [keyof typeof formats]),
    mapping: z
      .string()
      .optional()
      .describe(
        'JSON; generic_csv only: the header names of symbol, quantity, price, timestamp …; `broker` names where the file is from',
      ),
    since: timestampSchema.optional(),
    until: timestampSchema.optional(),
    file: z.string().meta({ format: 'binary' }),
  })
  .meta({ id: 'ImportForm' });

export const connectionImportSchema = z
  .strictObject({ user_id: userIdSchema, connection_id: idSchema, ...windowFields })
  .meta({ id: 'ConnectionImport' });

/** A window as the JSON form of a message has it. */
export function windowJson({ since, until }: { since?: Date; until?: Date }): Record<string, string> {
  return { ...(since && { since: since.toISOString() }), ...(until && { until: until.toISOString() }) };
}

export function filePayload(fields: FileFields, file: { storageKey: string; name: string }): Record<string, unknown> {
  const { user_id, format, mapping } = fields;
  return {
    user_id,
    file: { storage_key: file.storageKey, name: file.name, format: formats[format], ...(mapping && { mapping }) },
    ...windowJson(fields),
  };
}
