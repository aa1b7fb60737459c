import { MeshOptions } from '@roundhouse/contracts';
import { JobFailure, type Transaction } from '@roundhouse/jobs';
import { changedRows } from './changed-rows.js';
import type { ImageSource } from './mesh.js';
import { decodeCursor, pageOf, type Page, type PageRequest } from './page-cursor.js';

/** Images that a batch may have. */
export const maxBatchImages = 10_000;

/** open: takes images; waiting: for its turn; running: its meshes are made; then one of the two ends. */
export type MeshBatchState = 'open' | 'waiting' | 'running' | 'finished' | 'cancelled';

export interface MeshBatch {
  id: string;
  tenantId: string;
  name: string;
  options: MeshOptions;
  /** Meshes of it that are made at once. */
  concurrency: number;
  /** 1, and one more for every retry of what has failed. */
  round: number;
  /** The platform's batch with the jobs of the round; null before the first. */
  jobs: string | null;
  state: MeshBatchState;
  total: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** Queued or running. Images that were removed meanwhile are in no count but `total`. */
  pending: number;
  createdAt: Date;
  startedAt: Date | null;
  /** Place of the last image whose job the ledger has. */
  sentThrough: number;
  /** When the last one was sent out. */
  sentAt: Date | null;
  finishedAt: Date | null;
}

export type NewBatchImage = { id: string; name: string } & ImageSource;

const batchColumns = `b.id, b.tenant_id as "tenantId", b.name, b.options, b.concurrency, b.round, b.jobs, b.state, b.total,
  c.completed, c.failed, c.cancelled, c.pending, b.created_at as "createdAt", b.started_at as "startedAt", b.sent_at as "sentAt", b.sent_through as "sentThrough",
  b.finished_at as "finishedAt"`;
const counted = `mesh.batches b cross join lateral (
  select count(*) filter (where m.state = 'succeeded')::integer as completed, count(*) filter (where m.state = 'failed')::integer as failed,
         count(*) filter (where m.state = 'cancelled')::integer as cancelled,
         count(*) filter (where m.state in ('queued', 'running'))::integer as pending
    from mesh.meshes m where m.batch_id = b.id) c`;

type BatchRow = Omit<MeshBatch, 'options'> & { options: Buffer };
const batchOf = (row: BatchRow): MeshBatch => ({ ...row, options: MeshOptions.decode(row.options) });

/** Batches of images. Their counters are counted, not kept: they cannot be wrong. */
export class MeshBatchStore {
  constructor(private readonly database: Transaction) {}

  async create(tenantId: string, batch: Pick<MeshBatch, 'id' | 'name' | 'options' | 'concurrency'>): Promise<void> {
    const options = MeshOptions.encode(batch.options).finish();
    await this.database.query(
      `insert into mesh.batches (id, tenant_id, name, options, concurrency) values ($1, $2, $3, $4, $5)`,
      [batch.id, tenantId, batch.name, options, batch.concurrency],
    );
  }

  /**
   * Adds images to an open batch, all of them or none; one statement, so that two requests cannot take the same places.
   * @returns how many it has then. @throws JobFailure NOT_FOUND, FAILED_PRECONDITION
   */
  async add(tenantId: string, id: string, images: readonly NewBatchImage[]): Promise<number> {
    const [added] = await this.database.query<{ total: number }[]>(
      `with batch as (
         update mesh.batches set total = total + $3 where id = $1 and tenant_id = $2 and state = 'open' and total + $3 <= ${maxBatchImages}
         returning total, options),
       inserted as (
         insert into mesh.meshes (id, tenant_id, batch_id, position, name, storage_key, image_url, options)
         select i.id, $2, $1, batch.total - $3 + i.place, i.name, i.storage_key, i.image_url, batch.options
           from batch, unnest($4::uuid[], $5::text[], $6::text[], $7::text[]) with ordinality as i (id, name, storage_key, image_url, place))
       select total from batch`,
      [
        id,
        tenantId,
        images.length,
        images.map((image) => image.id),
        images.map((image) => image.name),
        images.map((image) => image.storageKey ?? null),
        images.map((image) => image.imageUrl ?? null),
      ],
    );
    if (added) return added.total;
    const batch = await this.find(tenantId, id);
    if (!batch) throw new JobFailure('NOT_FOUND', `There is no batch ${id}`);
    if (batch.state !== 'open')
      throw new JobFailure(
        'FAILED_PRECONDITION',
        `The batch is ${batch.state} and takes no more images; create another one`,
      );
    throw new JobFailure(
      'FAILED_PRECONDITION',
      `A batch holds ${maxBatchImages} images; this one has ${batch.total}, and ${images.length} more are too many`,
    );
  }

  /** From open to waiting. False: it is not open, or empty. */
  async start(tenantId: string, id: string, jobs: string): Promise<boolean> {
    const changed = await changedRows(
      this.database,
      `update mesh.batches set state = 'waiting', jobs = $3 where id = $1 and tenant_id = $2 and state = 'open' and total > 0 returning id`,
      [id, tenantId, jobs],
    );
    return changed.length > 0;
  }

  /** The failed and cancelled meshes of a batch that is over are queued for another round. Answers how many; 0 changes nothing. */
  async retry(tenantId: string, { id, round }: Pick<MeshBatch, 'id' | 'round'>, jobs: string): Promise<number> {
    const [row] = await this.database.query<{ retried: number }[]>(
      `with batch as (
         update mesh.batches set state = 'waiting', round = round + 1, jobs = $4, started_at = null, sent_at = null,
                sent_through = 0, finished_at = null
          where id = $1 and tenant_id = $2 and round = $3 and state in ('finished', 'cancelled')
            and exists (select 1 from mesh.meshes where batch_id = $1 and state in ('failed', 'cancelled'))
         returning round),
       queued as (
         update mesh.meshes m set state = 'queued', job_id = null, round = batch.round, error_code = null, error_message = null,
                error_field = null, finished_at = null
           from batch where m.batch_id = $1 and m.state in ('failed', 'cancelled') returning 1)
       select count(*)::integer as retried from queued`,
      [id, tenantId, round, jobs],
    );
    return row?.retried ?? 0;
  }

  /** The round has its turn. Undefined: there is no such round any more. */
  async begin(tenantId: string, id: string, round: number): Promise<MeshBatch | undefined> {
    await this.database.query(
      `update mesh.batches set state = 'running', started_at = now() where id = $1 and tenant_id = $2 and round = $3 and state = 'waiting'`,
      [id, tenantId, round],
    );
    const batch = await this.find(tenantId, id);
    return batch?.round === round ? batch : undefined;
  }

  async finish(tenantId: string, id: string): Promise<void> {
    await this.database.query(
      `update mesh.batches set state = 'finished', finished_at = now() where id = $1 and tenant_id = $2 and state = 'running'`,
      [id, tenantId],
    );
  }

  /** Together with what of its meshes is not over. False: it is over already. */
  async cancel(tenantId: string, id: string): Promise<boolean> {
    const changed = await this.database.query<unknown[]>(
      `with batch as (
         update mesh.batches set state = 'cancelled', finished_at = now()
          where id = $1 and tenant_id = $2 and state in ('open', 'waiting', 'running') returning id),
       meshes as (
         update mesh.meshes m set state = 'cancelled', finished_at = now() from batch
          where m.batch_id = batch.id and m.state in ('queued', 'running'))
       select id from batch`,
      [id, tenantId],
    );
    return changed.length > 0;
  }

  async find(tenantId: string, id: string): Promise<MeshBatch | undefined> {
    const [row] = await this.database.query<BatchRow[]>(
      `select ${batchColumns} from ${counted} where b.id = $1 and b.tenant_id = $2`,
      [id, tenantId],
    );
    return row && batchOf(row);
  }

  /** Newest first. */
  async page(tenantId: string, { limit, cursor }: PageRequest): Promise<Page<MeshBatch>> {
    const after = decodeCursor(cursor);
    const found = await this.database.query<BatchRow[]>(
      `select ${batchColumns} from ${counted}
        where b.tenant_id = $1 and ($2::timestamptz is null or (b.created_at, b.id) < ($2, $3::uuid))
        order by b.created_at desc, b.id desc limit $4`,
      [tenantId, after?.createdAt, after?.id, limit + 1],
    );
    return pageOf(found.map(batchOf), limit);
  }

  /** Batches of all tenants that have their turn and of which the ledger has not got every job yet. */
  async toSend(): Promise<MeshBatch[]> {
    const found = await this.database.query<BatchRow[]>(
      `select ${batchColumns} from ${counted} where b.state = 'running' and b.sent_at is null order by b.started_at limit 10`,
    );
    return found.map(batchOf);
  }

  /** Images of the round at the places `from` to `to`, in their order. What was removed meanwhile is missing. */
  async imagesOfRound(
    { id, round }: MeshBatch,
    from: number,
    to: number,
  ): Promise<({ position: number } & NewBatchImage)[]> {
    return this.database.query(
      `select id, name, position, storage_key as "storageKey", image_url as "imageUrl" from mesh.meshes
        where batch_id = $1 and round = $2 and position between $3 and $4 order by position`,
      [id, round, from, to],
    );
  }

  /** Notes which jobs are to make meshes, before they are made. Answers the jobs by mesh: those of the first time it was noted. */
  async assign(meshes: readonly { id: string; jobId: string }[]): Promise<Map<string, string>> {
    const noted = await changedRows<{ id: string; jobId: string }>(
      this.database,
      `update mesh.meshes m set job_id = coalesce(m.job_id, given.job_id) from unnest($1::uuid[], $2::uuid[]) as given (id, job_id)
        where m.id = given.id returning m.id, m.job_id as "jobId"`,
      [meshes.map(({ id }) => id), meshes.map(({ jobId }) => jobId)],
    );
    return new Map(noted.map(({ id, jobId }) => [id, jobId]));
  }

  /** How many of the round's meshes that were sent out are not over. */
  async outstanding({ id, round, sentThrough }: MeshBatch): Promise<number> {
    const [row] = await this.database.query<{ n: number }[]>(
      `select count(*)::integer as n from mesh.meshes
        where batch_id = $1 and round = $2 and position <= $3 and state in ('queued', 'running')`,
      [id, round, sentThrough],
    );
    return row?.n ?? 0;
  }

  async sentStep({ id, round }: MeshBatch, through: number): Promise<void> {
    await this.database.query(
      `update mesh.batches set sent_through = $3 where id = $1 and round = $2 and sent_through < $3`,
      [id, round, through],
    );
  }

  async sent({ id, round }: MeshBatch): Promise<void> {
    await this.database.query(
      `update mesh.batches set sent_at = now() where id = $1 and round = $2 and sent_at is null`,
      [id, round],
    );
  }

  /** Batches of all tenants that wait for their turn or have it. */
  async active(): Promise<Pick<MeshBatch, 'id' | 'tenantId' | 'round' | 'jobs' | 'state'>[]> {
    return this.database.query(
      `select id, tenant_id as "tenantId", round, jobs, state from mesh.batches where state in ('waiting', 'running')`,
    );
  }
}
