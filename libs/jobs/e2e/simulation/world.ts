import type { JobInput } from '../../src/index.js';
import { Chance } from './chance.js';
import { VirtualClock } from './virtual-clock.js';

/** How often each thing goes wrong while faults last, 0 … 1. */
export interface FaultRates {
  /** A delivery, claim, answer or heartbeat vanishes. */
  lose: number;
  /** It arrives twice. */
  duplicate: number;
  /** A transaction is rolled back, or its gateway dies right after the commit. */
  rollback: number;
  /** A worker dies, is frozen, loses its connection or is stopped in order; once in a while each. */
  crash: number;
  freeze: number;
  disconnect: number;
  stop: number;
  /** The broker loses everything it holds. */
  wipe: number;
}

/** What all parts of a simulation share. */
export class World {
  readonly clock = new VirtualClock();
  readonly chance: Chance;
  readonly rates: FaultRates;
  readonly faultsUntil: number;
  readonly trace: string[] = [];

  constructor(
    readonly seed: number,
    private readonly tracing: boolean,
  ) {
    this.chance = new Chance(seed);
    const rate = (most: number) => (this.chance.is(0.3) ? 0 : this.chance.next() * most);
    this.rates = {
      lose: rate(0.3),
      duplicate: rate(0.3),
      rollback: rate(0.3),
      crash: rate(0.5),
      freeze: rate(0.5),
      disconnect: rate(0.5),
      stop: rate(0.3),
      wipe: rate(0.3),
    };
    this.faultsUntil = this.clock.now + this.chance.between(30_000, 600_000);
  }

  fails(kind: keyof FaultRates): boolean {
    return this.clock.now < this.faultsUntil && this.chance.is(this.rates[kind]);
  }

  /** Sends something through a network that loses, doubles and reorders. */
  send(arrive: () => void, { reliable = false, slowestMs = 200 } = {}): void {
    if (!reliable && this.fails('lose')) return;
    this.clock.after(this.latency(slowestMs), arrive);
    if (this.fails('duplicate')) this.clock.after(this.latency(20_000), arrive);
  }

  private latency(slowestMs: number): number {
    // Mostly quick, sometimes as slow as a retransmission.
    return this.chance.is(0.05) ? this.chance.between(0, 8_000) : this.chance.between(0, slowestMs);
  }

  note(text: string): void {
    if (this.tracing) this.trace.push(`${((this.clock.now - 1_000_000) / 1000).toFixed(3)} ${text}`);
  }

  /** A promise of the platform is broken. */
  violated(what: string): never {
    throw new Error(what);
  }
}

export const describeInput = (input: JobInput): string =>
  Object.entries(input)
    .map(([name, value]) => (name === 'type' ? String(value) : `${name}=${JSON.stringify(value)}`))
    .join(' ');
