import { Rounds, type Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { queryPrepared } from '../storage/index.js';
import type { ChangedJob } from '../transitions/index.js';

/** What is known of a queue's deliveries. All but `claimedTo` only grow. */
export interface Flight {
  /** Queued jobs that were sent to the broker. */
  sent: number;
  /** Those of them that are queued and sent no more: granted, held back, over, or sent anew. */
  landed: number;
  /** Attempts that ended, however. */
  ended: number;
  /** No delivery that was sent before waits at the broker: one sent then was claimed. Milliseconds of the database's clock. */
  claimedTo: number;
}

interface FlightRow {
  queue: string;
  sent: number;
  landed: number;
  ended: number;
  claimed_to: number | null;
}

const saveMs = 100;
const nothing = (): Flight => ({ sent: 0, landed: 0, ended: 0, claimedTo: 0 });

/**
 * Counts, by queue, what is between the outbox and its grant: at the broker, and with workers that have not asked for it yet, which no broker tells.
 * A job is under way from when the broker gets it until it leaves the state `queued` or goes back to the outbox. Every process adds what it sees to
 * a row of its own; what is lost with a process is set right by counting (take-stock.ts).
 */
export class Flights {
  private readonly process = randomUUID();
  private saved = new Map<string, Flight>();
  private unsaved = new Map<string, Flight>();
  private saving: Promise<void> | undefined;
  private syncedAt = -Infinity;
  private readonly rounds: Rounds;

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: Log,
  ) {
    this.rounds = new Rounds(() => this.saveNews(), { pauseMs: saveMs, onError: (error) => this.notSaved(error) });
  }

  start(): void {
    this.rounds.start();
  }

  async stop(): Promise<void> {
    await this.rounds.stop();
    await this.saveNews().catch((error: unknown) => this.notSaved(error));
  }

  /** Changes of jobs that were committed. */
  record(jobs: Iterable<ChangedJob>): void {
    for (const { move } of jobs) {
      if (!move) continue;
      if (move.from === 'queued') this.unsavedOf(move.queue).landed += 1;
      if (move.from === 'running') this.unsavedOf(move.queue).ended += 1;
    }
  }

  /** Negative: they were not sent after all. */
  sent(queue: string, jobs: number): void {
    this.unsavedOf(queue).sent += jobs;
  }

  /** Went back to the outbox. */
  returned(queue: string, jobs: number): void {
    this.unsavedOf(queue).landed += jobs;
  }

  /** A delivery that the broker handed out for the first time. */
  claimed(queue: string, dispatchedAt: Date): void {
    const flight = this.unsavedOf(queue);
    flight.claimedTo = Math.max(flight.claimedTo, dispatchedAt.getTime());
  }

  of(queue: string): Flight {
    return sum(this.saved.get(queue) ?? nothing(), this.unsaved.get(queue) ?? nothing());
  }

  /** Jobs on their way, as far as this process knows. */
  underWay(queue: string): number {
    const { sent, landed } = this.of(queue);
    return Math.max(0, sent - landed);
  }

  /** Tells the others and hears from them, unless that was done less than `maxAgeMs` ago. */
  async sync(maxAgeMs = 0): Promise<void> {
    if (performance.now() - this.syncedAt < maxAgeMs) return;
    this.saving ??= this.exchange().finally(() => (this.saving = undefined));
    await this.saving;
  }

  private async saveNews(): Promise<void> {
    if (this.unsaved.size > 0) await this.sync();
  }

  private notSaved(error: unknown): void {
    logLine(this.log, 'flights.not_saved', { error: String(error) });
  }

  private async exchange(): Promise<void> {
    const taken = this.unsaved;
    this.unsaved = new Map();
    // What is on its way to the database is still to be counted here.
    const before = this.saved;
    this.saved = added(before, taken);
    try {
      this.saved = added(await this.save(taken), taken);
      this.syncedAt = performance.now();
    } catch (error) {
      this.saved = before;
      this.unsaved = added(taken, this.unsaved);
      throw error;
    }
  }

  /** Answers the sums of everybody from before. */
  private async save(flights: ReadonlyMap<string, Flight>): Promise<Map<string, Flight>> {
    const entries = [...flights];
    const of = (name: keyof Flight) => entries.map(([, flight]) => flight[name]);
    const rows = await queryPrepared<FlightRow>(
      this.dataSource.manager,
      `with mine as (
         insert into ledger.flights as f (process, queue, sent, landed, ended, claimed_to)
         select $1, q, s, l, e, to_timestamp(nullif(c, 0) / 1000)
         from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::float8[]) as n(q, s, l, e, c)
         on conflict (process, queue) do update set sent = f.sent + excluded.sent, landed = f.landed + excluded.landed,
           ended = f.ended + excluded.ended, claimed_to = greatest(f.claimed_to, excluded.claimed_to), at = now()
       )
       select queue, sum(sent)::float8 as sent, sum(landed)::float8 as landed, sum(ended)::float8 as ended,
              date_part('epoch', max(claimed_to)) * 1000 as claimed_to
       from ledger.flights group by queue`,
      [this.process, entries.map(([queue]) => queue), of('sent'), of('landed'), of('ended'), of('claimedTo')],
    );
    return new Map(rows.map(({ queue, claimed_to: to, ...counts }) => [queue, { ...counts, claimedTo: to ?? 0 }]));
  }

  private unsavedOf(queue: string): Flight {
    const known = this.unsaved.get(queue);
    if (known) return known;
    const flight = nothing();
    this.unsaved.set(queue, flight);
    return flight;
  }
}

const sum = (a: Flight, b: Flight): Flight => ({
  sent: a.sent + b.sent,
  landed: a.landed + b.landed,
  ended: a.ended + b.ended,
  claimedTo: Math.max(a.claimedTo, b.claimedTo),
});

function added(flights: ReadonlyMap<string, Flight>, more: ReadonlyMap<string, Flight>): Map<string, Flight> {
  const all = new Map(flights);
  for (const [queue, flight] of more) all.set(queue, sum(all.get(queue) ?? nothing(), flight));
  return all;
}

/** Adds up the rows of processes that are heard no more, or that have nothing to tell. */
export async function foldFlights(dataSource: DataSource): Promise<void> {
  await dataSource.query(
    `with gone as (
       delete from ledger.flights where process <> '' and at < now() - interval '1 hour' returning *
     )
     insert into ledger.flights as f (process, queue, sent, landed, ended, claimed_to)
     select '', queue, sum(sent), sum(landed), sum(ended), max(claimed_to) from gone group by queue
     on conflict (process, queue) do update set sent = f.sent + excluded.sent, landed = f.landed + excluded.landed,
       ended = f.ended + excluded.ended, claimed_to = greatest(f.claimed_to, excluded.claimed_to), at = now()`,
  );
}
