import { catalogue, GenerateMeshRequest } from '@roundhouse/contracts';
import { BatchClosed, jobOfKind, setLimit, type NewJob } from '@roundhouse/ledger';
import { MeshBatchStore, type MeshBatch, type NewBatchImage } from '@roundhouse/mesh';
import { logLine, newTraceparent, type Logger } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import type { LedgerEngine } from '../engine/ledger-engine.js';
import { bodyHash } from '../jobs/job-submission.js';

const everyMs = 500;
const afterFailureMs = 10_000;
const perStep = 500;
const limitGroup = 'mesh.batch';

/**
 * Sends out the meshes of batches that have their turn: only the gateway may make jobs, and only the batch's own job knows when it
 * runs. Any number of gateways may do it at the same time: every step has an idempotency key, and asks for the same jobs.
 */
export class MeshBatchSender {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private failing = false;
  private readonly batches: MeshBatchStore;

  constructor(
    private readonly database: DataSource,
    private readonly engine: LedgerEngine,
    private readonly log: Logger,
  ) {
    this.batches = new MeshBatchStore(database);
  }

  start(): void {
    const look = () => {
      this.running = this.sendAll()
        .then(() => {
          this.failing = false;
          return everyMs;
        })
        .catch((error: unknown) => {
          // Once for each outage: without the schema of meshes it would be said for ever.
          if (!this.failing) logLine(this.log, 'mesh.batches_not_sent', { err: error });
          this.failing = true;
          return afterFailureMs;
        })
        .then((pauseMs) => void (this.timer &&= setTimeout(look, pauseMs)));
    };
    this.timer = setTimeout(look, everyMs);
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private async sendAll(): Promise<void> {
    for (const batch of await this.batches.toSend()) {
      try {
        await this.send(batch);
      } catch (error) {
        // Its jobs were cancelled as jobs: then it is cancelled as a whole.
        if (!(error instanceof BatchClosed)) throw error;
        await this.batches.cancel(batch.tenantId, batch.id);
      }
    }
  }

  private async send(batch: MeshBatch): Promise<void> {
    const { id, tenantId, concurrency, round, jobs: jobBatch } = batch;
    if (jobBatch === null) return;
    const limit = { group: limitGroup, values: JSON.stringify([id]) };
    await setLimit(this.database.manager, tenantId, limit, concurrency);
    const traceparent = newTraceparent();
    for (let after = -1; ;) {
      const images = await this.batches.imagesOfRound(batch, after, perStep);
      const last = images.at(-1);
      if (!last) break;
      const jobs = images.map((image) => meshJob(batch, image, traceparent));
      const key = { route: 'mesh batch', key: `${id}:${round}:${after}`, bodyHash: bodyHash(jobs) };
      await this.engine.batches.add(tenantId, jobBatch, jobs, key);
      after = last.position;
    }
    await this.engine.batches.seal(tenantId, jobBatch);
    await this.batches.sent(batch);
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
