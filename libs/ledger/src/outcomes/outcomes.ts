import type { JobEvents } from '@roundhouse/contracts';
import { count, jobAttributes, recordSpan, spanNames, tracingEnabled } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { storeLogged, takeLogged, type LoggedEvent } from './attempt-logs.js';
import { applyEvent } from './apply-event.js';
import { Holders, strangersFault } from './holders.js';
import { bounded, faultOf, resultFault, withoutFault, type ReportedEvent } from './scrutiny.js';
import { noConsequences, storeConsequences, type Consequences } from './consequences.js';
import { type GrantTokens, unprovenAmong, unprovenFault } from '../claiming/index.js';
import { inTransaction, isTransientDatabaseError } from '../storage/index.js';
import { isJobId, type LockedJob, LockedJobs, Refusals, type RulesOf } from '../records/index.js';
import {
  announceJobs,
  type ChangedJob,
  endPlain,
  type PlainEnd,
  type PlainSuccess,
  writeJobs,
} from '../transitions/index.js';

export interface OutcomeOptions {
  onChanged(jobs: Iterable<ChangedJob>): void;
  onDomainEvents(tenantIds: Iterable<string>): void;
  onDispatch(): void;
  /** Lines of attempts cannot be stored, their outcomes are. @default it is thrown, and nothing is */
  onLinesLost?(error: unknown): void;
  /** Demanded of everything that is reported. @default nothing is */
  tokens?: GrantTokens;
}

/** Applies what workers report: outcomes, progress, checkpoints, domain events. Applying an event twice changes nothing. */
export class Outcomes {
  private readonly refusals = new Refusals();

  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: OutcomeOptions,
  ) {}

  /** Events of jobs that are plain successes in one statement, all others in one transaction. */
  async apply(messages: JobEvents[]): Promise<void> {
    const start = new Date();
    const reported = messages.flatMap(({ workerId, events }) => events.map((event) => bounded({ ...event, workerId })));
    const { logged, others: events } = takeLogged(reported);
    // First, so that whoever sees a job's end finds all it has said.
    if (logged.length > 0) await this.store(logged);
    if (events.length === 0) return;
    const ended = await this.endPlain(events);
    const left = events.filter((event) => !ended.has(event.jobId));
    const { sets, consequences } = left.length > 0 ? await this.applyAll(left) : nothingApplied;
    this.trace(events, { ended, locked: sets[0] }, start);
    announceJobs(sets, this.options);
    if (ended.size > 0) this.options.onChanged([...ended.values()].map(successOf));
    if (consequences.followUps.length > 0) this.options.onDispatch();
    if (consequences.domainEvents.length > 0)
      this.options.onDomainEvents(new Set(consequences.domainEvents.map((e) => e.tenantId)));
    for (const { tenantId: tenant, kind, queue } of consequences.followUps)
      count('jobsAccepted', { tenant, kind, queue });
  }

  private async store(logged: readonly LoggedEvent[]): Promise<void> {
    try {
      const unproven = await unprovenAmong(this.dataSource, logged, this.options.tokens);
      const jobs = await storeLogged(
        this.dataSource,
        logged.filter((each) => !unproven.has(each)),
      );
      if (jobs.length > 0) this.options.onChanged(jobs.map((id) => ({ id, batchId: null })));
    } catch (error) {
      if (isTransientDatabaseError(error) || !this.options.onLinesLost) throw error;
      this.options.onLinesLost(error);
    }
  }

  private async endPlain(events: readonly ReportedEvent[]): Promise<Map<string, MeasuredEnd>> {
    const { tokens } = this.options;
    const plain = plainSuccesses(tokens ? events.filter((event) => tokens.isGenuine(event.token, event)) : events);
    const ended = plain.length > 0 ? await endPlain(this.dataSource, plain) : [];
    const ranMs = new Map(plain.map((success) => [success.jobId, success.ranMs]));
    return new Map(ended.map((job) => [job.id, { ...job, ranMs: ranMs.get(job.id) }]));
  }

  private applyAll(events: readonly ReportedEvent[]): Promise<Applied> {
    return inTransaction(this.dataSource, async (tx) => {
      const locked = await LockedJobs.byId(tx, [...new Set(events.map((e) => e.jobId))], this.rulesOf);
      const consequences = noConsequences();
      const holders = await Holders.of(tx, locked, events, this.options.tokens);
      for (const event of events) {
        const job = locked.get(event.jobId);
        if (job) this.applyOne(locked, job, event, { holders, consequences });
      }
      const sets = await writeJobs(tx, locked, this.rulesOf);
      await storeConsequences(tx, consequences);
      return { sets, consequences };
    });
  }

  private applyOne(
    locked: LockedJobs,
    job: LockedJob,
    event: ReportedEvent,
    { holders, consequences }: { holders: Holders; consequences: Consequences },
  ): void {
    const allowed = holders.judge(event);
    if (allowed === 'outdated') return;
    const fault = allowed === 'holder' ? faultOf(event) : intrusion(event, allowed);
    if (fault !== undefined) this.refusals.note(locked, job, event, fault);
    const believed = fault === undefined ? event : allowed === 'holder' && withoutFault(event, fault);
    if (believed) applyEvent(locked, job, believed, consequences);
  }

  private trace(
    events: readonly ReportedEvent[],
    { ended, locked }: { ended: Map<string, PlainEnd>; locked: LockedJobs | undefined },
    start: Date,
  ): void {
    if (!tracingEnabled()) return;
    const end = new Date();
    for (const { jobId, attempt, traceparent: parent, event } of events) {
      const plain = ended.get(jobId);
      const job = locked?.get(jobId);
      const tenant = plain ? plain.tenant_id : job?.tenantId;
      const facts = { jobId, attempt, tenant, kind: plain?.kind ?? job?.kind, outcome: event?.$case };
      recordSpan(spanNames.ledgerApply, { kind: 'consumer', parent, attributes: jobAttributes(facts), start, end });
    }
  }
}

const intrusion = (event: ReportedEvent, by: 'stranger' | 'unproven'): string =>
  by === 'stranger' ? strangersFault(event) : unprovenFault(event.event?.$case ?? 'nothing', event);

type MeasuredEnd = PlainEnd & { ranMs: number | undefined };

const successOf = ({ id, tenant_id: tenantId, kind, queue, ranMs }: MeasuredEnd): ChangedJob => ({
  id,
  batchId: null,
  move: { tenantId, kind, queue, from: 'running', to: 'succeeded', ranMs },
});

interface Applied {
  sets: LockedJobs[];
  consequences: Consequences;
}

const nothingApplied: Applied = { sets: [], consequences: noConsequences() };

/** Successes that bring nothing but their result, of jobs that are told of once. */
function plainSuccesses(events: readonly ReportedEvent[]): PlainSuccess[] {
  const told = new Map<string, number>();
  for (const { jobId } of events) told.set(jobId, (told.get(jobId) ?? 0) + 1);
  return events.flatMap((reported) => {
    const { jobId, attempt, at: endedAt, ranFor, event, kind, workerId } = reported;
    if (event?.$case !== 'succeeded' || told.get(jobId) !== 1 || !endedAt || !ranFor || !isJobId(jobId)) return [];
    if (kind === '' || faultOf(reported) !== undefined || resultFault(kind, event.value.result) !== undefined)
      return [];
    const { result, followUps, domainEvents } = event.value;
    if (followUps.length > 0 || domainEvents.length > 0) return [];
    return [{ jobId, attempt, kind, workerId, result, endedAt, ranMs: ranFor.seconds * 1000 + ranFor.nanos / 1e6 }];
  });
}
