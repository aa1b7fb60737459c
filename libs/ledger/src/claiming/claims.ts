import { Dropped_Reason, type Claim, type ClaimDecision, type ClaimRequest } from '@roundhouse/contracts';
import type { JobInput } from '@roundhouse/jobs';
import { jobAttributes, measure, recordSpan, spanNames, tracingEnabled } from '@roundhouse/telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import { readInputs, type Inputs } from './dependency-inputs.js';
import { passGates, type Refusal } from './gates.js';
import type { GrantTokens } from './grant-token.js';
import { outOfTurn, type Turn } from './turns.js';
import { storableClaims } from './storable-claims.js';
import { inTransaction } from '../storage/index.js';
import type { Flights } from '../dispatch/index.js';
import { isJobId, type LockedJob, LockedJobs, type RulesOf } from '../records/index.js';
import {
  announceJobs,
  type ChangedJob,
  grantPlain,
  type PlainClaim,
  type PlainGrant,
  PlainKinds,
  writeJobs,
} from '../transitions/index.js';

export interface ClaimOptions {
  /** How long a redelivered job's worker may take to say that it is still there, in ms. Asked anew for every batch. */
  graceMs(): number;
  /** Something new can be read of these jobs. */
  onChanged(jobs: Iterable<ChangedJob>): void;
  /** Rows were added to the outbox. */
  onDispatch(): void;
  /** Learns what has arrived, and what went back to the outbox. @default nobody does */
  flights?: Pick<Flights, 'claimed' | 'returned'>;
  /** Come with grants. @default there are none */
  tokens?: GrantTokens;
}

const dropReason = {
  finished: Dropped_Reason.FINISHED,
  running: Dropped_Reason.RUNNING,
  parked: Dropped_Reason.PARKED,
  unknown: Dropped_Reason.UNKNOWN,
} as const;

function dropped(jobId: string, reason: keyof typeof dropReason): ClaimDecision {
  return { jobId, decision: { $case: 'dropped', value: { reason: dropReason[reason] } } };
}

const startOf = ({ id, tenant_id: tenantId, kind, queue, waited_seconds: waited }: PlainGrant): ChangedJob => ({
  id,
  batchId: null,
  move: { tenantId, kind, queue, from: 'queued', to: 'running', waitedMs: waited * 1000 },
});

/** Decides who runs what. The compare-and-set behind every grant is the row lock plus the state machine. */
export class Claims {
  private readonly plainKinds: PlainKinds;

  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: ClaimOptions,
  ) {
    this.plainKinds = new PlainKinds(rulesOf);
  }

  /** Answers many requests together; each answer is in the order of its request's claims. */
  async answer(asked: ClaimRequest[]): Promise<ClaimDecision[][]> {
    const start = new Date();
    const requests = asked.map(storableClaims);
    const granted = await this.grantPlain(requests);
    const left = requests.map(({ workerId, claims }) => ({
      workerId,
      claims: claims.filter((claim) => !granted.has(claim)),
    }));
    const { decisions, sets, late } = left.some(({ claims }) => claims.length > 0)
      ? await this.decideAll(left)
      : { decisions: left.map(() => []), sets: [], late: [] };
    this.count(requests, { granted, locked: sets[0], late });
    this.trace(requests, { granted, locked: sets[0] }, start);
    announceJobs(sets, this.options);
    if (granted.size > 0) this.options.onChanged([...granted.values()].map(startOf));
    return requests.map(({ claims, workerId }, i) => {
      const rest = (decisions[i] as ClaimDecision[]).values();
      return claims.map((claim) => {
        const grant = granted.get(claim);
        return grant ? this.granted(grant, workerId) : (rest.next().value as ClaimDecision);
      });
    });
  }

  /** What may run without another question; only the first claim of a job can be. */
  private async grantPlain(requests: ClaimRequest[]): Promise<Map<Claim, PlainGrant>> {
    const asked = new Map<string, Claim>();
    const plain: PlainClaim[] = [];
    for (const { workerId, claims } of requests) {
      for (const claim of claims) {
        const { jobId, dispatchedAt } = claim;
        if (claim.unsupported || asked.has(jobId) || !isJobId(jobId)) continue;
        asked.set(jobId, claim);
        plain.push({ jobId, workerId, dispatchedAt });
      }
    }
    if (plain.length === 0) return new Map();
    const grants = await grantPlain(this.dataSource, plain, this.plainKinds);
    for (const { tenant_id: tenant, kind, queue, waited_seconds: waited } of grants)
      measure('queueLatency', Math.max(0, waited), { tenant, kind, queue });
    return new Map(grants.map((grant) => [asked.get(grant.id) as Claim, grant]));
  }

  private async decideAll(requests: Pick<ClaimRequest, 'workerId' | 'claims'>[]) {
    return inTransaction(this.dataSource, async (tx) => {
      const ids = [...new Set(requests.flatMap((r) => r.claims.map((c) => c.jobId)))];
      const locked = await LockedJobs.byId(tx, ids, this.rulesOf);
      const turns = this.candidates(locked, requests);
      const late = await outOfTurn(tx, locked, turns);
      const candidates = turns.flatMap(({ job }) => (late.has(job) ? [] : [job]));
      const refusals = await passGates(tx, locked, candidates);
      const inputs = await readInputs(tx, candidates, refusals);
      const decisions = requests.map(({ workerId, claims }) =>
        claims.map((claim) => this.decide(locked, claim, workerId, { refusals, inputs, late })),
      );
      await attachPayloads(tx, locked, decisions.flat());
      return { decisions, sets: await writeJobs(tx, locked, this.rulesOf), late: [...late] };
    });
  }

  /** Jobs that a claim of this batch would be granted if nothing held them back. */
  private candidates(locked: LockedJobs, requests: Pick<ClaimRequest, 'workerId' | 'claims'>[]): Turn[] {
    const found = new Map<string, Turn>();
    for (const { workerId, claims } of requests) {
      for (const { jobId, redelivered, unsupported, dispatchedAt } of claims) {
        const job = unsupported ? undefined : locked.get(jobId);
        // Who does not say when it was sent is believed to have got it just now.
        const sentAt = dispatchedAt?.getTime() ?? locked.now;
        if (job && locked.preview(job, this.claim(workerId, redelivered)).verdict === 'granted')
          found.set(jobId, { job, sentAt });
      }
    }
    return [...found.values()];
  }

  private claim(workerId: string, redelivered: boolean): JobInput {
    return { type: 'claim', workerId, redelivered, graceMs: this.options.graceMs() };
  }

  private decide(
    locked: LockedJobs,
    claim: Claim,
    workerId: string,
    { refusals, inputs, late }: { refusals: Map<string, Refusal>; inputs: Inputs; late: ReadonlySet<LockedJob> },
  ): ClaimDecision {
    const { jobId, redelivered, unsupported } = claim;
    const job = locked.get(jobId);
    if (!job) return dropped(jobId, 'unknown');
    if (unsupported) return this.skip(locked, job, workerId, dispatchOf(claim));
    if (late.has(job)) {
      // Once, whoever else claims it in this batch.
      if (!locked.changedJobs.has(job)) locked.apply(job, { type: 'yield' }, { yields: job.yields + 1 });
      return dropped(jobId, 'parked');
    }
    const refuse = refusals.get(jobId);
    if (refuse) {
      refuse(locked, job, dispatchOf(claim));
      return dropped(jobId, 'parked');
    }
    const { verdict, failure } = locked.apply(job, this.claim(workerId, redelivered));
    if (failure) locked.note(job, job.status.state, { error: { code: failure.code, message: failure.message } });
    if (verdict !== 'granted') return dropped(jobId, verdict ?? 'parked');
    Object.assign(job, { rateReserved: false, yields: 0 });
    const { tenantId: tenant, kind, queue } = job;
    measure('queueLatency', Math.max(0, (locked.now - job.status.runAt) / 1000), { tenant, kind, queue });
    locked.note(job, 'running', { worker: workerId, ...dispatchOf(claim), ...(job.status.alone && { alone: true }) });
    const { attempt, failures, alone } = job.status;
    const facts = { id: jobId, kind, attempt, failures, checkpoint: job.checkpoint, alone };
    return this.granted(facts, workerId, inputs.get(jobId));
  }

  private granted(
    grant: Omit<PlainGrant, 'tenant_id' | 'queue' | 'waited_seconds'> & { alone?: boolean },
    workerId: string,
    inputs: Record<string, Buffer> = {},
  ): ClaimDecision {
    const { id: jobId, kind, attempt, failures, checkpoint, alone = false } = grant;
    const { leaseMs } = this.rulesOf(kind);
    const lease = { seconds: Math.floor(leaseMs / 1000), nanos: (leaseMs % 1000) * 1e6 };
    const token = this.options.tokens?.issue({ jobId, attempt, workerId });
    const value = { attempt, failures, checkpoint: checkpoint ?? noBytes, lease, inputs, alone, token };
    return { jobId, decision: { $case: 'granted', value } };
  }

  /** The worker cannot run it: an older one, in a deploy under way. */
  private skip(locked: LockedJobs, job: LockedJob, workerId: string, dispatch: object): ClaimDecision {
    const { changed, verdict, failure } = locked.apply(job, { type: 'unsupported' });
    if (changed) {
      const error = failure && { code: failure.code, message: failure.message };
      locked.note(job, job.status.state, {
        reason: 'unsupported',
        worker: workerId,
        ...dispatch,
        ...(error && { error }),
      });
    }
    return dropped(job.id, verdict === 'finished' ? 'finished' : 'parked');
  }

  private count(
    requests: ClaimRequest[],
    { granted, locked, late }: { granted: Map<Claim, PlainGrant>; locked?: LockedJobs; late: readonly LockedJob[] },
  ): void {
    const { flights } = this.options;
    if (!flights) return;
    for (const job of late) if (job.stateRead === 'queued') flights.returned(job.queue, 1);
    for (const claim of requests.flatMap(({ claims }) => claims)) {
      const queue = granted.get(claim)?.queue ?? locked?.get(claim.jobId)?.queue;
      // One that came back to the broker has a place in its queue that says nothing.
      if (queue && claim.dispatchedAt && !claim.redelivered) flights.claimed(queue, claim.dispatchedAt);
    }
  }

  private trace(
    requests: ClaimRequest[],
    { granted, locked }: { granted: Map<Claim, PlainGrant>; locked: LockedJobs | undefined },
    start: Date,
  ): void {
    if (!tracingEnabled()) return;
    const end = new Date();
    for (const claim of requests.flatMap((r) => r.claims)) {
      const { jobId, traceparent: parent } = claim;
      const grant = granted.get(claim);
      const job = locked?.get(jobId);
      const facts = grant
        ? { tenant: grant.tenant_id, kind: grant.kind, attempt: grant.attempt }
        : { tenant: job?.tenantId, kind: job?.kind, attempt: job?.status.attempt };
      recordSpan(spanNames.ledgerClaim, {
        kind: 'server',
        parent,
        attributes: jobAttributes({ jobId, ...facts }),
        start,
        end,
      });
    }
  }
}

const noBytes = Buffer.alloc(0);

/** Grants of jobs whose payload was replaced bring it along: the delivery may be older. */
async function attachPayloads(tx: EntityManager, locked: LockedJobs, decisions: ClaimDecision[]): Promise<void> {
  const grants = decisions.flatMap(({ jobId, decision }) =>
    decision?.$case === 'granted' && locked.get(jobId)?.payloadReplaced ? [{ jobId, grant: decision.value }] : [],
  );
  if (grants.length === 0) return;
  const rows = await tx.query<{ id: string; payload: Buffer }[]>(
    `select id, payload from ledger.jobs where id = any($1::uuid[])`,
    [grants.map(({ jobId }) => jobId)],
  );
  const payloads = new Map(rows.map((row) => [row.id, row.payload]));
  for (const { jobId, grant } of grants) grant.payload = payloads.get(jobId);
}

/** When the delivery left for the broker: it tells waiting for the relay from waiting in the queue. */
const dispatchOf = ({ dispatchedAt }: Claim): { dispatched_at?: string } =>
  dispatchedAt ? { dispatched_at: dispatchedAt.toISOString() } : {};
