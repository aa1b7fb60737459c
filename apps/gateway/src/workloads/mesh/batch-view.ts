import type { MeshBatch } from '@roundhouse/mesh';
import { z } from 'zod';
import type { SignedLinks } from '../../platform/access/index.js';
import { optionsView } from './mesh-fields.js';
import { linkSchema } from './mesh-view.js';

const time = z.iso.datetime().nullable();

export const meshBatchSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    state: z
      .enum(['open', 'waiting', 'running', 'finished', 'cancelled'])
      .describe('open: takes images; waiting: for its turn, two batches run at once'),
    concurrency: z.number().int().describe('Meshes of it that are made at once'),
    round: z.number().int().describe('Raised by every retry of what has failed'),
    total: z.number().int(),
    completed: z.number().int(),
    failed: z.number().int(),
    cancelled: z.number().int(),
    percent: z.number().describe('Of the images, how many are over; one that was removed is'),
    options: z.unknown(),
    jobs: z.uuid().nullable().describe("The round's jobs: /v1/batches/{jobs}, its own among them"),
    download: linkSchema.nullable().describe('Everything that is made so far, as ZIP'),
    created_at: time,
    started_at: time,
    finished_at: time,
  })
  .meta({ id: 'MeshBatch' });

const linkSeconds = 3_600;

export function meshBatchView(batch: MeshBatch, links: SignedLinks): z.input<typeof meshBatchSchema> {
  const { id, tenantId, total, completed, failed, cancelled, pending } = batch;
  const over = total - pending;
  return {
    id,
    name: batch.name,
    state: batch.state,
    concurrency: batch.concurrency,
    round: batch.round,
    total,
    completed,
    failed,
    cancelled,
    percent: total === 0 ? 0 : Math.floor((over / total) * 10_000) / 100,
    options: optionsView(batch.options),
    jobs: batch.jobs,
    download: completed > 0 ? links.sign(`/v1/mesh-batches/${id}/download`, tenantId, linkSeconds) : null,
    created_at: batch.createdAt.toISOString(),
    started_at: batch.startedAt?.toISOString() ?? null,
    finished_at: batch.finishedAt?.toISOString() ?? null,
  };
}
