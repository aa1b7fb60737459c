import { catalogue, GenerateMeshRequest } from '@roundhouse/contracts';
import { BatchClosed, jobOfKind, setLimit, type NewJob } from '@roundhouse/ledger';
import { MeshBatchStore, type MeshBatch, type NewBatchImage } from '@roundhouse/mesh';
import { newTraceparent } from '@roundhouse/telemetry';
import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { LedgerEngine } from '../../platform/engine/index.js';
import { batchLimit } from './batch-limit.js';

/** For each mesh that may be made at once; the fastest take some 100 ms, and it is looked twice a second. */
const perSlotAndStep = 5;

/**
 * Sends out the meshes of batches that have their turn: only the gateway may make jobs, and only the batch's own job knows when it
 * runs. They go in steps, another one when little is left of the last, so that whoever asks for a single mesh waits behind dozens of
 * jobs and not behind ten thousand. Any number of gateways may do it at the same time: every step has an idempotency key, and asks
 * for the same jobs.
 */
export class MeshBatchSender {
  private readonly batches: MeshBatchStore;

  constructor(
    private readonly database: DataSource,
    private readonly engine: LedgerEngine,
  ) {
    this.batches = new MeshBatchStore(database);
  }

  /** One that cannot be sent does not hold up the others. @throws AggregateError */
  async sendAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const batch of await this.batches.toSend()) {
      try {
        await this.send(batch);
      } catch (error) {
        // Its jobs were cancelled as jobs: then it is cancelled as a whole.
        if (error instanceof BatchClosed) await this.batches.cancel(batch.tenantId, batch.id);
        else failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  }

  private async send(batch: MeshBatch): Promise<void> {
    const { id, tenantId, concurrency, total, jobs: jobBatch } = batch;
    if (jobBatch === null) return;
    if (batch.sentThrough === 0) await setLimit(this.database.manager, tenantId, batchLimit(id), concurrency);
    const perStep = concurrency * perSlotAndStep;
    let outstanding = await this.batches.outstanding(batch);
    let { sentThrough } = batch;
    while (sentThrough < total && outstanding <= perStep) {
      outstanding += await this.step(batch, jobBatch, sentThrough + 1, sentThrough + perStep);
      sentThrough += perStep;
      await this.batches.sentStep(batch, sentThrough);
    }
    if (sentThrough < total) return;
    await this.engine.batches.seal(tenantId, jobBatch);
    await this.batches.sent(batch);
  }

  /**
   * A step is about places, not images: one that is removed between two tries moves no other to another step.
   * @returns how many jobs it has
   */
  private async step(batch: MeshBatch, jobBatch: string, from: number, to: number): Promise<number> {
    const { id, tenantId, round } = batch;
    const images = await this.batches.imagesOfRound(batch, from, to);
    if (images.length === 0) return 0;
    const traceparent = newTraceparent();
    const jobs = images.map((image) => meshJob(batch, image, traceparent));
    const noted = await this.batches.assign(images.map((image, i) => ({ id: image.id, jobId: jobs[i]!.id })));
    const known = images.flatMap((image, i) => {
      const jobId = noted.get(image.id);
      return jobId === undefined ? [] : [{ ...jobs[i]!, id: jobId }];
    });
    const key = `${id}:${round}:${from}`;
    const bodyHash = createHash('sha256').update(key).digest();
    await this.engine.batches.add(tenantId, jobBatch, known, { route: 'mesh batch', key, bodyHash });
    return known.length;
  }
}

function meshJob({ id, tenantId, options }: MeshBatch, image: NewBatchImage, traceparent: string): NewJob {
  const request = GenerateMeshRequest.fromPartial({
    meshId: image.id,
    batchId: id,
    name: image.name,
    options,
    source: image.imageUrl
      ? { $case: 'imageUrl', value: image.imageUrl }
      : { $case: 'storageKey', value: image.storageKey! },
  });
  const payload = GenerateMeshRequest.encode(request).finish();
  return jobOfKind(catalogue.kind('mesh.generate')!, payload, { tenantId, traceparent });
}
