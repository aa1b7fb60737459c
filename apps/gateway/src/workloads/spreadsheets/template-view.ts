import { templateSchema, type StoredTemplate } from '@roundhouse/spreadsheets';
import { z } from 'zod';

export const storedTemplateSchema = z
  .object({
    id: z.uuid(),
    version: z.number().int(),
    ...templateSchema.shape,
    created_at: z.iso.datetime(),
    version_created_at: z.iso.datetime(),
  })
  .meta({ id: 'SheetTemplate' });

export function templateView({ id, version, template, createdAt, versionCreatedAt }: StoredTemplate) {
  return {
    id,
    version,
    ...template,
    created_at: createdAt.toISOString(),
    version_created_at: versionCreatedAt.toISOString(),
  };
}
