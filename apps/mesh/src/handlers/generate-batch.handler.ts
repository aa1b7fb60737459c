import { Controller } from '@nestjs/common';
import type { GenerateBatchRequest, GenerateBatchResult } from '@roundhouse/contracts';
import { Interruption, type JobContext } from '@roundhouse/jobs';
import { MeshBatchStore, type MeshBatch } from '@roundhouse/mesh';
import { JobHandler } from '@roundhouse/rabbitmq';
import { setTimeout as sleep } from 'node:timers/promises';

const lookEveryMs = 1_000;

/**
 * Accompanies a batch while it has one of the cluster's turns. It makes no mesh: those are jobs of their own, which the gateway
 * sends out when the batch is running.
 */
@Controller()
export class GenerateBatchHandler {
  constructor(private readonly batches: MeshBatchStore) {}

  @JobHandler('mesh.generate_batch')
  async handle({ batchId, round }: GenerateBatchRequest, ctx: JobContext): Promise<GenerateBatchResult> {
    try {
      return await this.accompany(batchId, round, ctx);
    } catch (error) {
      const { reason } = ctx.signal;
      const cancelled = ctx.signal.aborted && reason instanceof Interruption && reason.reason === 'cancelled';
      if (cancelled) await this.batches.cancel(ctx.tenantId, batchId);
      ctx.signal.throwIfAborted();
      throw error;
    }
  }

  private async accompany(batchId: string, round: number, ctx: JobContext): Promise<GenerateBatchResult> {
    const { tenantId } = ctx;
    let batch = await this.batches.begin(tenantId, batchId, round);
    let shown = -1;
    while (batch?.state === 'running' && batch.round === round) {
      const over = batch.total - batch.pending;
      if (over !== shown) report(batch, over, ctx);
      shown = over;
      if (batch.sentAt && batch.pending === 0) {
        await this.batches.finish(tenantId, batchId);
        return finished(batch, ctx);
      }
      await sleep(lookEveryMs, undefined, { signal: ctx.signal });
      batch = await this.batches.find(tenantId, batchId);
    }
    // An earlier attempt has ended the batch and died before it could say so.
    if (batch?.state === 'finished' && batch.round === round) return finished(batch, ctx);
    return ctx.discard(batch ? `The batch is ${batch.state}` : 'The batch is gone');
  }
}

function finished({ id, name, total, completed, failed, cancelled }: MeshBatch, ctx: JobContext): GenerateBatchResult {
  ctx.emit('mesh.batch_finished', { batchId: id, name, total, completed, failed, cancelled });
  return { total, completed, failed, cancelled, madeBatchId: completed > 0 ? id : '' };
}

function report({ id, total, completed, failed }: MeshBatch, over: number, ctx: JobContext): void {
  ctx.progress((over / total) * 100, `${completed} of ${total} made, ${failed} failed`);
  ctx.emit('mesh.batch_progress', { batchId: id, total, completed, failed }, { immediate: true });
}
