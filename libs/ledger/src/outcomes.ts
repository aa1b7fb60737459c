import type { JobEvent, JobEvents } from '@roundhouse/contracts';
import { count, jobAttributes, recordSpan, spanNames, tracingEnabled } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import { applyEvent } from './apply-event.js';
import { noConsequences, storeConsequences } from './consequences.js';
import { inTransaction } from './ledger-database.js';
import { LockedJobs, type LockedJob, type RulesOf } from './locked-jobs.js';
import { announceJobs, writeJobs } from './write-jobs.js';

export interface OutcomeOptions {
  onChanged(jobs: Iterable<LockedJob>): void;
  onDomainEvents(tenantIds: Iterable<string>): void;
  onDispatch(): void;
}

/** Applies what workers report: outcomes, progress, checkpoints, domain events. Applying an event twice changes nothing. */
export class Outcomes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly rulesOf: RulesOf,
    private readonly options: OutcomeOptions,
  ) {}

  /** All events of all messages in one transaction. */
  async apply(messages: JobEvents[]): Promise<void> {
    const start = new Date();
    const events = messages.flatMap((message) => message.events);
    const { sets, consequences } = await inTransaction(this.dataSource, async (tx) => {
      const locked = await LockedJobs.byId(tx, [...new Set(events.map((e) => e.jobId))], this.rulesOf);
      const gathered = noConsequences();
      for (const event of events) {
        const job = locked.get(event.jobId);
        if (job) applyEvent(locked, job, event, gathered);
      }
      const changed = await writeJobs(tx, locked, this.rulesOf);
      await storeConsequences(tx, gathered);
      return { sets: changed, consequences: gathered };
    });
    this.trace(events, sets[0] as LockedJobs, start);
    announceJobs(sets, this.options);
    if (consequences.followUps.length > 0) this.options.onDispatch();
    if (consequences.domainEvents.length > 0)
      this.options.onDomainEvents(new Set(consequences.domainEvents.map((e) => e.tenantId)));
    for (const { tenantId: tenant, kind, queue } of consequences.followUps)
      count('jobsAccepted', { tenant, kind, queue });
  }

  private trace(events: JobEvent[], jobs: LockedJobs, start: Date): void {
    if (!tracingEnabled()) return;
    const end = new Date();
    for (const { jobId, attempt, traceparent: parent, event } of events) {
      const job = jobs.get(jobId);
      const facts = { jobId, attempt, tenant: job?.tenantId, kind: job?.kind, outcome: event?.$case };
      recordSpan(spanNames.ledgerApply, { kind: 'consumer', parent, attributes: jobAttributes(facts), start, end });
    }
  }
}
