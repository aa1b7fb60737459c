import type { BatchView } from '@roundhouse/ledger';
import { z } from 'zod';

const time = z.iso.datetime().nullable();
const jobIds = z.record(z.enum(['on_success', 'on_death', 'on_complete']), z.uuid().optional());

export const batchSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    state: z.enum(['open', 'running', 'cancelling', 'finished']).describe('open: jobs can be added'),
    total: z.number().int(),
    succeeded: z.number().int(),
    dead: z.number().int(),
    cancelled: z.number().int(),
    running: z.number().int(),
    pending: z.number().int().describe('Neither over nor running'),
    percent: z.number().describe('Share of the jobs that are over, 0 … 100'),
    eta: time.describe('When the last job is over if it goes on as so far; null while nothing can be said'),
    callbacks: z.record(z.string(), z.string()).describe('Kinds of the callbacks'),
    callback_jobs: jobIds.describe('Jobs that the callbacks have created; each at most once'),
    created_at: time,
    cancel_requested_at: time,
    finished_at: time,
  })
  .meta({ id: 'Batch' });

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

function stateOf({ sealed, cancel_requested_at: cancelled, finished_at: finished }: BatchView) {
  if (finished) return 'finished';
  if (cancelled) return 'cancelling';
  return sealed ? 'running' : 'open';
}

export function batchView(batch: BatchView): z.input<typeof batchSchema> {
  const { total, succeeded, dead, cancelled, running, finished_at: finishedAt } = batch;
  const over = succeeded + dead + cancelled;
  return {
    id: batch.id,
    name: batch.name,
    state: stateOf(batch),
    total,
    succeeded,
    dead,
    cancelled,
    running,
    pending: total - over - running,
    percent: total === 0 ? (finishedAt ? 100 : 0) : Math.floor((over / total) * 10_000) / 100,
    eta: iso(eta(batch, over)),
    callbacks: batch.callbacks,
    callback_jobs: batch.callback_jobs,
    created_at: iso(batch.created_at),
    cancel_requested_at: iso(batch.cancel_requested_at),
    finished_at: iso(finishedAt),
  };
}

/** The rest takes as long, job for job, as those before. Nothing is said before the first end. */
function eta({ total, created_at: from, finished_at: finishedAt, now }: BatchView, over: number): Date | null {
  if (finishedAt || over === 0 || over === total) return null;
  return new Date(now.getTime() + ((total - over) * (now.getTime() - from.getTime())) / over);
}
