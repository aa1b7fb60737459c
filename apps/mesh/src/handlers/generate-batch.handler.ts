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
  async handle({ batchId }: GenerateBatchRequest, ctx: JobContext): Promise<GenerateBatchResult> {
    try {
      return await this.accompany(batchId, ctx);
    } catch (error) {
      const { reason } = ctx.signal;
      const cancelled = ctx.signal.aborted && reason instanceof Interruption && reason.reason === 'cancelled';
      if (cancelled) await this.batches.cancel(ctx.tenantId, batchId);
      ctx.signal.throwIfAborted();
      throw error;
    }
  }

  private async accompany(batchId: string, ctx: JobContext): Promise<GenerateBatchResult> {
    const { tenantId } = ctx;
    let batch = await this.batches.begin(tenantId, batchId);
    let shown = -1;
    while (batch && batch.state === 'running') {
      const over = batch.completed + batch.failed + batch.cancelled;
      if (over !== shown) report(batch, over, ctx);
      shown = over;
      if (batch.sentAt && over === batch.total) return this.finished(batch, ctx);
      await sleep(lookEveryMs, undefined, { signal: ctx.signal });
      batch = await this.batches.find(tenantId, batchId);
    }
    return ctx.discard(batch ? `The batch is ${batch.state}` : 'The batch is gone');
  }

  private async finished(batch: MeshBatch, ctx: JobContext): Promise<GenerateBatchResult> {
    const { id, name, total, completed, failed, cancelled } = batch;
    await this.batches.finish(ctx.tenantId, id);
    ctx.emit('mesh.batch_finished', { batchId: id, name, total, completed, failed, cancelled });
    return { total, completed, failed, cancelled, madeBatchId: completed > 0 ? id : '' };
  }
}

function report({ id, total, completed, failed }: MeshBatch, over: number, ctx: JobContext): void {
  ctx.progress((over / total) * 100, `${completed} of ${total} made, ${failed} failed`);
  ctx.emit('mesh.batch_progress', { batchId: id, total, completed, failed }, { immediate: true });
}
