import { z } from 'zod';
import { optionsSchema } from './mesh-fields.js';

const nameSchema = z.string().max(200).default('').describe('For people');
export const storageKeySchema = z.string().min(1).max(500).describe('Of an uploaded image');
export const imageUrlSchema = z
  .url({ protocol: /^https?$/, error: 'must be a URL like https://example.com/picture.png' })
  .max(2_000);

const optionsField = z
  .string()
  .transform((text, ctx): unknown => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      ctx.addIssue('must be JSON like {"mode": "relief"}');
      return z.NEVER;
    }
  })
  .pipe(optionsSchema)
  .default(() => optionsSchema.parse({}));

export const meshRequestSchema = z
  .strictObject({
    name: nameSchema,
    storage_key: storageKeySchema.optional(),
    image_url: imageUrlSchema.optional(),
    options: optionsSchema.default(() => optionsSchema.parse({})),
  })
  .refine(({ storage_key: key, image_url: url }) => (key === undefined) !== (url === undefined), {
    path: ['storage_key'],
    message: 'give either storage_key or image_url',
  })
  .meta({ id: 'MeshRequest' });

/** Fields of a form hold text. */
export const formFieldsSchema = z.strictObject({ name: nameSchema, options: optionsField });

/** As the OpenAPI document shows the form. */
export const meshFormSchema = z
  .strictObject({
    name: z.string().max(200).optional(),
    options: z.string().optional().describe('JSON, as in MeshRequest'),
    file: z.string().meta({ format: 'binary' }),
  })
  .meta({ id: 'MeshForm' });
