import { ErrorCode, JobError_Retry, ProbeRequest } from '@roundhouse/contracts';
import { readAudit } from '../src/tenancy/audit-log.js';
import { Claims } from '../src/claiming/claims.js';
import { Outcomes } from '../src/outcomes/outcomes.js';
import { readRedrives } from '../src/dead/redrive-reader.js';
import { Redriver } from '../src/dead/redriver.js';
import { Redrives, type NewRedrive } from '../src/dead/redrives.js';
import { failure, success } from './outcome-events.js';
import {
  claimOf,
  eventOf,
  grantedAttempt,
  messageOf,
  nothing,
  probeJob,
  rules,
  silent,
  TestLedger,
} from './test-ledger.js';

export const actor = 'ops (0123)';
export const probe = (text: string): Uint8Array => ProbeRequest.encode(ProbeRequest.fromPartial({ text })).finish();

/** A ledger with what kills jobs in it and what redrives them. */
export class RedriveBench {
  readonly claims: Claims;
  readonly outcomes: Outcomes;
  readonly redrives: Redrives;
  readonly redriver: Redriver;

  private constructor(readonly ledger: TestLedger) {
    const { dataSource } = ledger;
    this.claims = new Claims(dataSource, rules, { ...nothing, graceMs: () => 60_000 });
    this.outcomes = new Outcomes(dataSource, rules, nothing);
    this.redrives = new Redrives(dataSource, rules, nothing);
    this.redriver = new Redriver(dataSource, rules, { ...nothing, log: silent });
  }

  static async open(): Promise<RedriveBench> {
    return new RedriveBench(await TestLedger.open());
  }

  close(): Promise<void> {
    return this.ledger.close();
  }

  async clear(): Promise<void> {
    await this.ledger.clear();
    await this.ledger.dataSource.query(`truncate ledger.redrives, ledger.audit_log, ledger.webhooks cascade`);
  }

  /** Lets a worker take these jobs, which then succeed, or die. */
  async run(jobIds: string[], end: { dies?: string; code?: ErrorCode } = {}): Promise<void> {
    const { dies, code = ErrorCode.INVALID_INPUT } = end;
    const outcome = dies === undefined ? success() : failure({ code, message: dies, retry: JobError_Retry.NO });
    await this.end(jobIds, outcome);
  }

  private async end(jobIds: string[], outcome: ReturnType<typeof success>): Promise<void> {
    const [decisions = []] = await this.claims.answer([claimOf('w1', jobIds)]);
    const events = decisions.map((decision) => eventOf(decision.jobId, grantedAttempt(decision) as number, outcome));
    await this.outcomes.apply([messageOf(...events)]);
  }

  async dead(n: number, message = 'no such account', overrides = {}): Promise<string[]> {
    const ids = await this.ledger.accept(...Array.from({ length: n }, () => probeJob(overrides)));
    await this.ledger.dataSource.query(`delete from ledger.outbox`);
    await this.run(ids, { dies: message });
    return ids;
  }

  /** Jobs that have failed once and are to be tried again. */
  async failing(n: number, message: string, overrides = {}): Promise<string[]> {
    const ids = await this.ledger.accept(...Array.from({ length: n }, () => probeJob(overrides)));
    await this.ledger.dataSource.query(`delete from ledger.outbox`);
    await this.end(ids, failure({ code: ErrorCode.UNAVAILABLE, message }));
    return ids;
  }

  create(options: Partial<NewRedrive> = {}) {
    return this.redrives.create({ tenantId: 'acme', filter: {}, actor, canary: false, ...options });
  }

  async steps(by: Redriver = this.redriver): Promise<number> {
    for (let n = 0; ; n += 1) if (!(await by.step())) return n;
  }

  /** As if the time to look at the redrives again had come. */
  due() {
    return this.ledger.dataSource.query(`update ledger.redrives set look_at = now()`);
  }

  async state(id: string) {
    return (await readRedrives(this.ledger.dataSource, 'acme', { id, limit: 1 })).redrives[0];
  }

  async queued(): Promise<string[]> {
    return (await this.ledger.jobs()).filter((job) => job.state === 'queued').map((job) => job.id);
  }

  async audited() {
    return (await readAudit(this.ledger.dataSource, 'acme', {}, undefined, 50)).entries;
  }
}
