import { catalogue, ProbeUniqueRequest, type JobEvent, type KindDefinition } from '@roundhouse/contracts';
import type { DataSource } from 'typeorm';
import { death, failure, success } from './outcome-events.js';
import { claimOf, eventOf, messageOf, nothing, rules, silent, TestLedger, traceparent } from './test-ledger.js';
import { Acceptance, type Accepted, UniqueConflict } from '../src/acceptance/index.js';
import { Claims } from '../src/claiming/index.js';
import { Cancellation } from '../src/commands/index.js';
import { Redrives } from '../src/dead/index.js';
import { Outcomes } from '../src/outcomes/index.js';
import { jobOfKind, type UniqueOverride } from '../src/records/index.js';
import { Timekeeper } from '../src/time/index.js';

const kind = catalogue.kind('platform.probe_unique') as KindDefinition;

/** Jobs of one unique key, and everything that happens to them; keeps account of what was promised to whom. */
export class UniqueBench {
  private readonly gateways: Acceptance[];
  private readonly claims: Claims;
  private readonly outcomes: Outcomes;
  private readonly cancellation: Cancellation;
  private readonly redrives: Redrives;
  private readonly timekeeper: Timekeeper;
  /** By job, the payloads that it was given by requests that were accepted; the last group may be what it runs. */
  readonly promised = new Map<string, Set<string>>();
  /** Payloads that were granted, by job. */
  readonly granted = new Map<string, Set<string>>();
  readonly cancelledUnseen = new Set<string>();
  private requests = 0;

  constructor(
    private readonly ledger: TestLedger,
    other: DataSource,
  ) {
    const { dataSource } = ledger;
    this.gateways = [dataSource, other].map((source) => new Acceptance(source, rules, () => undefined));
    this.claims = new Claims(dataSource, rules, { ...nothing, graceMs: () => 1_000 });
    this.outcomes = new Outcomes(dataSource, rules, nothing);
    this.cancellation = new Cancellation(dataSource, rules, nothing);
    this.redrives = new Redrives(dataSource, rules, nothing);
    this.timekeeper = new Timekeeper(dataSource, rules, { ...nothing, log: silent });
  }

  /** Several at the same moment at different gateways: any of them may be the last. */
  async request(unique: UniqueOverride, times = 1): Promise<void> {
    const notes = Array.from({ length: times }, () => `n${(this.requests += 1)}`);
    const answers = await Promise.all(
      notes.map((note, i) => this.submit(note, unique, this.gateways[i % 2] as Acceptance)),
    );
    const fresh = new Map<string, Set<string>>();
    for (const [i, answer] of answers.entries()) {
      const id = answer?.jobIds[0];
      if (id === undefined || answer?.standIns?.[0]?.dropped) continue;
      fresh.set(id, new Set([...(fresh.get(id) ?? []), notes[i] as string]));
    }
    for (const [id, group] of fresh) this.promised.set(id, group);
  }

  private async submit(note: string, unique: UniqueOverride, to: Acceptance): Promise<Accepted | undefined> {
    const payload = ProbeUniqueRequest.encode(ProbeUniqueRequest.fromPartial({ text: 'same', note })).finish();
    const job = jobOfKind(kind, payload, { tenantId: 'acme', traceparent, overrides: { unique } });
    try {
      return await to.submit({ tenantId: 'acme', jobs: [job] });
    } catch (error) {
      if (error instanceof UniqueConflict) return undefined;
      throw error;
    }
  }

  async start(): Promise<void> {
    const ids = (await this.ledger.jobs()).filter(({ state }) => state === 'queued').map(({ id }) => id);
    if (ids.length === 0) return;
    await this.claims.answer([claimOf('w1', ids)]);
    for (const { id, state, payload } of await this.ledger.jobs()) {
      if (state !== 'running' || !ids.includes(id)) continue;
      const { note } = ProbeUniqueRequest.decode(payload);
      this.granted.set(id, new Set([...(this.granted.get(id) ?? []), note]));
    }
  }

  async end(how: 'success' | 'failure' | 'death'): Promise<void> {
    const outcomes = { success, failure, death: () => death };
    for (const { id, attempt, state } of await this.ledger.jobs())
      if (state === 'running') await this.report(id, attempt, outcomes[how]());
  }

  private report(id: string, attempt: number, event: JobEvent['event']): Promise<void> {
    return this.outcomes.apply([messageOf(eventOf(id, attempt, event))]);
  }

  /** Any of the jobs; running ones stop as they are told. */
  async cancel(which: number): Promise<void> {
    const jobs = (await this.ledger.jobs()).filter(({ finished_at: end }) => end === null);
    const job = jobs[which % jobs.length];
    if (!job) return;
    await this.cancellation.cancel('acme', job.id);
    const { state, attempt } = await this.ledger.job(job.id);
    if (state === 'running') await this.report(job.id, attempt, { $case: 'cancelled', value: {} });
    else this.cancelledUnseen.add(job.id);
  }

  async redrive(which: number): Promise<void> {
    const dead = (await this.ledger.jobs()).filter(({ state }) => state === 'dead');
    const job = dead[which % dead.length];
    if (job) await this.redrives.one('acme', job.id, { actor: 'test' });
  }

  /** Whatever waits for a time has waited for it. */
  async timePasses(): Promise<void> {
    await this.ledger.dataSource.query(
      `update ledger.jobs set run_at = now() - interval '1 minute', created_at = created_at - interval '1 hour',
         due_at = case when state in ('scheduled', 'retrying') then now() - interval '1 minute' else due_at end`,
    );
    await this.ledger.dataSource.query(`update ledger.unique_keys set expires_at = expires_at - interval '1 hour'`);
    while ((await this.timekeeper.handleDue()) > 0);
  }

  async untilAllIsOver(): Promise<void> {
    for (let rounds = 0; rounds < 10; rounds += 1) {
      await this.timePasses();
      await this.start();
      await this.end('success');
    }
  }

  /** What must never be, at any moment. */
  async violations(): Promise<string[]> {
    const open = (await this.ledger.jobs()).filter(({ finished_at: end }) => end === null);
    const started = open.filter(({ attempt }) => attempt > 0);
    const found: string[] = [];
    if (started.length > 1) found.push(`${started.length} jobs of the key have started`);
    if (open.length > 2) found.push(`${open.length - 1} jobs follow`);
    return found;
  }

  /** What must not be left in the end. */
  async broken(): Promise<string[]> {
    const found: string[] = [];
    for (const { id, state, finished_at: end } of await this.ledger.jobs())
      if (end === null) found.push(`${id} is ${state} for ever`);
    for (const [id, notes] of this.promised) {
      const ran = [...notes].some((note) => this.granted.get(id)?.has(note));
      if (!ran && !this.cancelledUnseen.has(id))
        found.push(`${[...notes].join(' or ')} was promised to ${id} and never ran`);
    }
    const [keys] = await this.ledger.dataSource.query<{ n: number }[]>(
      `select count(*)::integer as n from ledger.unique_keys where expires_at is null or follower_id is not null`,
    );
    if (keys?.n !== 0) found.push('a key is held by nobody');
    return found;
  }
}
