import { catalogue, jobKinds, type JobEvent, type KindName, type RequestOf } from '@roundhouse/contracts';
import { Cancellation } from '../src/commands/cancellation.js';
import { Claims } from '../src/claiming/claims.js';
import { jobOfKind } from '../src/records/job-of-kind.js';
import { Outcomes } from '../src/outcomes/outcomes.js';
import { Reconciler } from '../src/dispatch/reconciler.js';
import { Timekeeper } from '../src/time/timekeeper.js';
import type { DataSource } from 'typeorm';
import {
  claimOf,
  eventOf,
  grantedAttempt,
  messageOf,
  nothing,
  rules,
  silent,
  traceparent,
  type TestLedger,
} from './test-ledger.js';

/** The ledger with hands: jobs of any kind, claims and outcomes in a line each. */
export class LimitBench {
  readonly claims: Claims;
  readonly outcomes: Outcomes;
  readonly reconciler: Reconciler;
  readonly timekeeper: Timekeeper;
  readonly cancellation: Cancellation;

  constructor(
    readonly ledger: TestLedger,
    readonly dataSource: DataSource = ledger.dataSource,
  ) {
    this.claims = new Claims(dataSource, rules, { ...nothing, graceMs: () => 1_000 });
    this.outcomes = new Outcomes(dataSource, rules, nothing);
    this.reconciler = new Reconciler(dataSource, rules, { ...nothing, log: silent });
    this.timekeeper = new Timekeeper(dataSource, rules, { ...nothing, log: silent });
    this.cancellation = new Cancellation(dataSource, rules, nothing);
  }

  async add<K extends KindName>(kind: K, request: Partial<RequestOf<K>>, tenantId = 'acme'): Promise<string> {
    const definition = catalogue.kind(kind)!;
    const codec = jobKinds[kind].request as unknown as {
      fromPartial(value: unknown): unknown;
      encode(value: unknown): { finish(): Uint8Array };
    };
    const payload = codec.encode(codec.fromPartial(request)).finish();
    const [id] = await this.ledger.accept(jobOfKind(definition, payload, { tenantId, traceparent }));
    await this.ledger.dataSource.query(`delete from ledger.outbox where job_id = $1`, [id]);
    return id as string;
  }

  async addMany<K extends KindName>(
    n: number,
    kind: K,
    request: Partial<RequestOf<K>>,
    tenantId = 'acme',
  ): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < n; i += 1) ids.push(await this.add(kind, request, tenantId));
    return ids;
  }

  /** The attempts granted; undefined where the claim was refused. */
  async claim(...ids: string[]): Promise<(number | undefined)[]> {
    const [decisions = []] = await this.claims.answer([claimOf('w1', ids)]);
    return decisions.map(grantedAttempt);
  }

  async report(id: string, event: JobEvent['event']): Promise<void> {
    const { attempt } = await this.ledger.job(id);
    await this.outcomes.apply([messageOf(eventOf(id, attempt, event))]);
  }

  async states(...ids: string[]): Promise<string[]> {
    return Promise.all(ids.map(async (id) => (await this.ledger.job(id)).state));
  }

  /** Deliveries that would be ready in the broker, taken out of the outbox. */
  async deliveries(): Promise<string[]> {
    const rows = await this.dataSource.query<{ job_id: string }[]>(
      `with gone as (delete from ledger.outbox returning id, job_id) select job_id from gone order by id`,
    );
    return rows.map((row) => row.job_id);
  }

  async holds(): Promise<{ key: string; job_id: string }[]> {
    return this.dataSource.query(`select key, job_id from ledger.slot_holds order by key, job_id`);
  }

  async blockedOn(id: string): Promise<string | null> {
    const [row] = await this.dataSource.query<{ blocked_on: string | null }[]>(
      `select blocked_on from ledger.jobs where id = $1`,
      [id],
    );
    return row?.blocked_on ?? null;
  }
}
