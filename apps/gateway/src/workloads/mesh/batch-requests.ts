import { z } from 'zod';
import { optionsSchema } from './mesh-fields.js';
import { imageUrlSchema, storageKeySchema } from './mesh-requests.js';

const imageSchema = z
  .strictObject({
    name: z.string().max(200).optional(),
    storage_key: storageKeySchema.optional(),
    image_url: imageUrlSchema.optional(),
  })
  .refine(({ storage_key: key, image_url: url }) => (key === undefined) !== (url === undefined), {
    path: ['storage_key'],
    message: 'give either storage_key or image_url',
  })
  .meta({ id: 'BatchImage' });

export type BatchImage = z.output<typeof imageSchema>;

const images = z.array(imageSchema).max(10_000, 'a batch holds at most 10000 images');

export const meshBatchRequestSchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    concurrency: z.number().int().min(1).max(10).default(5).describe('Meshes of it that are made at once'),
    options: optionsSchema.default(() => optionsSchema.parse({})),
    images: images.default([]),
    start: z.boolean().default(false).describe('At once, with these images; else more can be added'),
  })
  .refine(({ start, images: given }) => !start || given.length > 0, {
    path: ['images'],
    message: 'has no image to start with',
  })
  .meta({ id: 'MeshBatchRequest' });

export const batchImagesSchema = z.strictObject({ images: images.min(1, 'holds at least one image') });
