import { Injectable } from '@nestjs/common';
import { catalogue, GenerateBatchRequest } from '@roundhouse/contracts';
import { jobOfKind } from '@roundhouse/ledger';
import { ImageUploadStore, MeshBatchStore, type MeshBatch, type NewBatchImage } from '@roundhouse/mesh';
import { newTraceparent } from '@roundhouse/telemetry';
import { createHash, randomUUID } from 'node:crypto';
import { LedgerEngine } from '../../platform/engine/index.js';
import { OutboxLimit } from '../../platform/submission/index.js';
import { type FieldError, Problem } from '../../platform/http/index.js';
import type { BatchImage } from './batch-requests.js';

const kind = 'mesh.generate_batch';
const baseName = (text: string): string =>
  decodeURIComponent(text).split('/').filter(Boolean).at(-1)?.slice(0, 200) ?? '';

/** Batches of meshes on the platform's batches. */
@Injectable()
export class MeshBatches {
  constructor(
    private readonly batches: MeshBatchStore,
    private readonly uploads: ImageUploadStore,
    private readonly engine: LedgerEngine,
    private readonly outbox: OutboxLimit,
  ) {}

  /** Images of a request, with ids of their meshes to be. Uploads of others, or none, are a problem that names them. */
  async images(tenantId: string, given: readonly BatchImage[]): Promise<NewBatchImage[]> {
    const keys = given.flatMap(({ storage_key: key }) => key ?? []);
    const known = new Map((await this.uploads.findAll(tenantId, keys)).map((upload) => [upload.storageKey, upload]));
    const errors: FieldError[] = [];
    const images = given.map(({ name, storage_key: storageKey, image_url: imageUrl }, i): NewBatchImage => {
      const id = randomUUID();
      if (storageKey === undefined) return { id, name: name ?? nameInUrl(imageUrl!), imageUrl: imageUrl! };
      const upload = known.get(storageKey);
      if (!upload) errors.push({ path: `images[${i}].storage_key`, message: 'was not uploaded' });
      return { id, name: name ?? upload?.name ?? '', storageKey };
    });
    if (errors.length > 0)
      throw new Problem('invalid_request', `${errors.length} images were not uploaded; nothing was stored`, {
        errors: errors.slice(0, 100),
      });
    return images;
  }

  /**
   * Hands the batch's own job to the ledger; its meshes follow when it has its turn.
   * @returns the id of that job
   */
  async start({ id, tenantId, name, state, total }: MeshBatch): Promise<string> {
    if (state !== 'open') throw new Problem('conflict', `The batch is ${state}: it was started already`);
    if (total === 0) throw new Problem('conflict', 'The batch has no images: add some first');
    const { jobs, jobId } = await this.jobBatch(tenantId, id, name, 1);
    if (!(await this.batches.start(tenantId, id, jobs))) throw new Problem('conflict', 'The batch was started already');
    return jobId;
  }

  /** @returns how many meshes are made again, and the id of the job that sees to it */
  async retry(batch: MeshBatch): Promise<{ retried: number; jobId: string }> {
    const { id, tenantId, name, state, failed, cancelled, round } = batch;
    if (state !== 'finished' && state !== 'cancelled')
      throw new Problem('conflict', `The batch is ${state}: it can be retried when it is over`);
    if (failed + cancelled === 0) throw new Problem('conflict', 'Nothing of the batch has failed');
    const { jobs, jobId } = await this.jobBatch(tenantId, id, name, round + 1);
    const retried = await this.batches.retry(tenantId, batch, jobs);
    if (retried === 0) throw new Problem('conflict', 'The batch is being retried already');
    return { retried, jobId };
  }

  /** @returns whether there was anything to cancel */
  async cancel({ id, tenantId, jobs }: MeshBatch): Promise<boolean> {
    const cancelled = await this.batches.cancel(tenantId, id);
    if (cancelled && jobs) await this.engine.batchCancellation.request(tenantId, jobs);
    return cancelled;
  }

  /** The platform's batch of a round and the job in it; the same however often the round is begun. */
  private async jobBatch(tenantId: string, batchId: string, name: string, round: number) {
    this.outbox.assertRoom();
    const payload = GenerateBatchRequest.encode({ batchId, round }).finish();
    const traceparent = newTraceparent();
    const job = jobOfKind(catalogue.kind(kind)!, payload, { tenantId, traceparent });
    const key = `${batchId}:${round}`;
    const bodyHash = createHash('sha256').update(key).digest();
    const created = await this.engine.batches.create({
      tenantId,
      name: `mesh batch ${name}`.slice(0, 200),
      sealed: false,
      jobs: [job],
      callbacks: {},
      traceparent,
      idempotency: { route: kind, key, bodyHash },
    });
    return { jobs: created.id, jobId: created.jobIds[0]! };
  }
}

function nameInUrl(url: string): string {
  try {
    return baseName(new URL(url).pathname);
  } catch {
    return ''; // a name that cannot be decoded is none
  }
}
