import { catalogue, ProbeUniqueRequest, type JobEvent, type KindDefinition } from '@roundhouse/contracts';
import type { DataSource } from 'typeorm';
import { success } from './outcome-events.js';
import { claimOf, eventOf, messageOf, nothing, rules, TestLedger, traceparent } from './test-ledger.js';
import { Acceptance, type Accepted } from '../src/acceptance/index.js';
import { Claims } from '../src/claiming/index.js';
import { Outcomes } from '../src/outcomes/index.js';
import { jobOfKind, type NewJob, type UniqueOverride } from '../src/records/index.js';

const kind = catalogue.kind('platform.probe_unique') as KindDefinition;

export interface Wanted extends UniqueOverride {
  /** What the kind is unique by. @default same */
  text?: string;
  note?: string;
  tenantId?: string;
  runAt?: Date;
  deadlineMs?: number;
}

/** Requests for unique jobs at two gateways, and what becomes of the jobs. */
export class UniqueRequests {
  readonly acceptance: Acceptance;
  readonly elsewhere: Acceptance;

  private constructor(
    readonly ledger: TestLedger,
    other: DataSource,
  ) {
    this.acceptance = new Acceptance(ledger.dataSource, rules, () => undefined);
    this.elsewhere = new Acceptance(other, rules, () => undefined);
  }

  static async open(): Promise<UniqueRequests> {
    const ledger = await TestLedger.open();
    return new UniqueRequests(ledger, await ledger.another());
  }

  async clear(): Promise<void> {
    await this.ledger.clear();
    await this.ledger.dataSource.query('truncate ledger.unique_keys, ledger.dependencies');
  }

  job({ text = 'same', note = '', tenantId = 'acme', runAt, deadlineMs, ...unique }: Wanted = {}): NewJob {
    const payload = ProbeUniqueRequest.encode(ProbeUniqueRequest.fromPartial({ text, note })).finish();
    return jobOfKind(kind, payload, { tenantId, traceparent, runAt, overrides: { unique, deadlineMs } });
  }

  submit(wanted?: Wanted, to = this.acceptance): Promise<Accepted> {
    return to.submit({ tenantId: wanted?.tenantId ?? 'acme', jobs: [this.job(wanted)] });
  }

  async start(jobId: string): Promise<void> {
    const claims = new Claims(this.ledger.dataSource, rules, { ...nothing, graceMs: () => 1000 });
    await claims.answer([claimOf('w1', [jobId])]);
  }

  async finish(jobId: string): Promise<void> {
    await this.start(jobId);
    await this.end(jobId);
  }

  /** Of the first attempt, unless it is said otherwise. */
  async end(jobId: string, event: JobEvent['event'] = success(), attempt = 1): Promise<void> {
    await new Outcomes(this.ledger.dataSource, rules, nothing).apply([messageOf(eventOf(jobId, attempt, event))]);
  }

  async notes(): Promise<string[]> {
    return (await this.ledger.jobs()).map(({ payload }) => ProbeUniqueRequest.decode(payload).note);
  }

  /** How far the job's time is ahead. */
  async secondsTo(jobId: string): Promise<number> {
    return ((await this.ledger.job(jobId)).run_at.getTime() - Date.now()) / 1000;
  }
}
