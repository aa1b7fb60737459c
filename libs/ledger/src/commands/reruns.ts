import { catalogue, type KindDefinition } from '@roundhouse/contracts';
import { finalStates, type JobState } from '@roundhouse/jobs';
import { count } from '@roundhouse/telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import { acceptAll, type Accepted, type IdempotencyKey, UniqueConflict } from '../acceptance/index.js';
import { reservedFields, writeAudit } from '../tenancy/index.js';
import { jobOfKind, type JobOverrides, type RulesOf } from '../records/index.js';
import { inTransaction } from '../storage/index.js';

export interface Rerun {
  tenantId: string;
  /** Job that is run again. */
  jobId: string;
  /** Instead of the first job's; it has been validated against the contract. */
  payload?: Uint8Array;
  traceparent: string;
  actor: string;
  idempotency?: IdempotencyKey;
}

export type RerunAnswer =
  | ({ done: true; id: string } & Pick<Accepted, 'repeated'> & { existing: boolean })
  | { done: false; reason: string }
  /** There is no such job. */
  | undefined;

interface OriginalRow {
  kind: string;
  version: number;
  state: JobState;
  payload: Buffer;
  timeout_ms: number;
  priority: number;
  retry_override: JobOverrides['retry'] | null;
  unique_override: JobOverrides['unique'] | null;
}

/** Runs jobs that are over once more, each as a new job that refers to the first one, with what that one was given. */
export class Reruns {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly onDispatch: () => void,
  ) {}

  async run(rerun: Rerun): Promise<RerunAnswer> {
    const answer = await inTransaction(this.dataSource, (tx) => this.accept(tx, rerun));
    if (answer?.done && !answer.repeated && !answer.existing) this.onDispatch();
    return answer;
  }

  private async accept(tx: EntityManager, rerun: Rerun): Promise<RerunAnswer> {
    const { tenantId, jobId, actor, payload, traceparent, idempotency } = rerun;
    const original = await readOriginal(tx, tenantId, jobId);
    if (!original) return undefined;
    const definition = catalogue.kind(original.kind);
    const reason = refusal(original, definition, rerun);
    if (reason !== undefined || !definition) return { done: false, reason: reason ?? '' };
    const origin = { tenantId, traceparent, overrides: overridesOf(original) };
    const job = jobOfKind(definition, payload ?? original.payload, origin);
    const [accepted] = await acceptAll(tx, [{ tenantId, jobs: [job], idempotency }], this.rulesOf);
    if (accepted instanceof Error) throw accepted;
    const standIn = accepted?.standIns?.[0];
    if (standIn?.dropped) throw new UniqueConflict(standIn.existing, job.kind);
    const id = accepted?.jobIds[0] ?? job.id;
    const existing = (accepted?.existing.length ?? 0) > 0;
    const repeated = accepted?.repeated === true;
    if (existing || repeated) return { done: true, id, existing, repeated };
    await tx.query(`insert into ledger.job_reruns (job_id, tenant_id, rerun_of) values ($1, $2, $3)`, [
      id,
      tenantId,
      jobId,
    ]);
    const action = payload ? 'job.edit_and_rerun' : 'job.rerun';
    await writeAudit(tx, { tenantId, actor, action, subject: jobId, detail: { new_job_id: id } });
    count('jobsAccepted', { tenant: tenantId, kind: job.kind, queue: job.queue });
    return { done: true, id, existing, repeated };
  }
}

async function readOriginal(tx: EntityManager, tenantId: string, id: string): Promise<OriginalRow | undefined> {
  const [row] = await tx.query<OriginalRow[]>(
    `select kind, version, state, payload, timeout_ms, priority, retry_override, unique_override from ledger.jobs
     where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  return row;
}

function refusal(
  { kind, state, version, payload }: OriginalRow,
  definition: KindDefinition | undefined,
  { tenantId, payload: edited }: Rerun,
): string | undefined {
  if (!finalStates.includes(state)) return `The job is ${state}: it can be run again when it is over`;
  if (!definition) return `Kind ${kind} is not in the contract`;
  // Deliveries that nobody could read are kept as version 0, of other contracts than ours as they are.
  if (version !== definition.version && !edited)
    return `The payload is of version ${version} of the contract, which is at ${definition.version}: send an edited one`;
  const [reserved] = reservedFields(tenantId, definition.requestType, edited ?? payload);
  return reserved && `Its payload cannot be run again: ${reserved.path} ${reserved.message}`;
}

const overridesOf = (original: OriginalRow): JobOverrides => {
  const { timeout_ms: timeoutMs, priority, retry_override: retry, unique_override: unique } = original;
  return { timeoutMs, priority, ...(retry && { retry }), ...(unique && { unique }) };
};
