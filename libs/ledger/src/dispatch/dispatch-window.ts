import type { Flights } from './flights.js';

const refreshMs = 50;
/** The broker and the workers hold what ended in this time, and so about as much work of it; the rest of a backlog waits in the outbox. */
const horizonMs = 500;
const minTarget = 8;
/** On top, for each of its consumers: none of them shall idle until what the others hold is claimed. */
const perConsumer = 2;
/** Of an idle queue: its slots are free as far as it goes. */
const firstBonus = 48;
/** Of slots that are free all at once; beyond, what ends shows how much more there may be. */
const largestBonus = 1_024;
const maxTarget = 20_000;
/** Deliveries that have left the broker and are not claimed for so long are with workers whose slots are full. */
const stuckMs = 1_000;
/**
 * Messages that the jobs of a full window are spread over, at least: a bundle is a small part of what the queue's workers do in half a second,
 * so that none of them idles while another one has a bundle before it.
 */
const messagesPerWindow = 40;
/** Below this many jobs in half a second every job has its own message. */
export const bundlesFrom = 400;
/** Most jobs of one message. */
export const bundleLimit = 64;

/** What the broker says of a queue. */
export interface QueueLook {
  /** Messages that wait for a consumer. */
  ready: number;
  consumers: number;
}

interface QueueWindow {
  target: number;
  /** On top of what is known to be worked off: more slots are free than that shows. */
  bonus: number;
  /** Deliveries taken for stuck. */
  stuck: number;
  /** Jobs sent since the last look. */
  sent: number;
  landed: number;
  landedAt: number;
  /** The sums of ended attempts of the last horizon, oldest first. */
  ends: { at: number; ended: number }[];
  lookedAt: number;
  refresh: Promise<void> | undefined;
}

/**
 * How many jobs of a queue may be under way. A broker's queue is first in, first out: whoever is in it, or in a worker's hand, can hardly be overtaken,
 * by a more urgent job or by another tenant's. So as much is under way as ended in the last half second (Little's law), and
 * more only while it is claimed at once. After idleness, and when jobs get longer, that is little.
 */
export class DispatchWindow {
  private readonly queues = new Map<string, QueueWindow>();

  /** @param look undefined when the broker cannot be asked, e.g. while the queue is missing */
  constructor(
    private readonly flights: Pick<Flights, 'of' | 'underWay' | 'sync' | 'sent'>,
    private readonly look: (queue: string) => Promise<QueueLook | undefined>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async room(queue: string): Promise<number> {
    const window = this.windowOf(queue);
    if (this.now() - window.lookedAt >= refreshMs) {
      window.refresh ??= this.refresh(queue, window).finally(() => (window.refresh = undefined));
      await window.refresh;
    }
    return Math.max(0, window.target + window.stuck - this.flights.underWay(queue));
  }

  /** How many jobs may share a message: one, unless the queue is worked off so fast that messages become what costs. */
  bundleSize(queue: string): number {
    const { target } = this.windowOf(queue);
    return target < bundlesFrom ? 1 : Math.min(bundleLimit, Math.floor(target / messagesPerWindow));
  }

  /** What is being sent; negative: what was not sent after all. */
  note(queue: string, jobs: number): void {
    this.windowOf(queue).sent += jobs;
    this.flights.sent(queue, jobs);
  }

  private windowOf(queue: string): QueueWindow {
    let window = this.queues.get(queue);
    if (!window) {
      const counts = { bonus: firstBonus, stuck: 0, sent: 0, landed: 0, landedAt: -Infinity, lookedAt: -Infinity };
      window = { ...counts, target: minTarget + firstBonus, ends: [], refresh: undefined };
      this.queues.set(queue, window);
    }
    return window;
  }

  private async refresh(queue: string, window: QueueWindow): Promise<void> {
    const [look] = await Promise.all([this.look(queue), this.flights.sync(refreshMs / 2)]);
    const now = this.now();
    const { ended, landed } = this.flights.of(queue);
    const passed = now - window.lookedAt;
    window.lookedAt = now;
    const endedOfLate = noteEnds(window, now, ended);
    if (landed !== window.landed) Object.assign(window, { landed, landedAt: now, stuck: 0 });
    const floor = minTarget + perConsumer * (look?.consumers ?? 0);
    // Run dry although there was more: the workers can take more than they were given.
    const underWay = this.flights.underWay(queue);
    const dry = underWay === 0 && window.sent > 0;
    if (dry) window.bonus = Math.min(Math.max(firstBonus, window.bonus * 2), Math.max(largestBonus, endedOfLate));
    else if (underWay === 0) window.bonus = firstBonus;
    else window.bonus *= 0.5 ** (passed / horizonMs);
    window.sent = 0;
    window.target = Math.round(Math.min(maxTarget, Math.max(floor, endedOfLate + window.bonus)));
    if (underWay > 0 && look?.ready === 0 && now - window.landedAt >= stuckMs) {
      // Nor may workers with free slots wait for those that have none: each second a few more go out, until the broker has some left.
      window.stuck = Math.min(maxTarget, window.stuck + floor);
      window.landedAt = now;
    }
  }
}

/** How many attempts ended in the horizon. */
function noteEnds(window: QueueWindow, now: number, ended: number): number {
  const { ends } = window;
  ends.push({ at: now, ended });
  // The last one from before the horizon is what the sum is counted from.
  while (ends.length > 2 && (ends[1] as { at: number }).at <= now - horizonMs) ends.shift();
  const { at, ended: before } = ends[0] as { at: number; ended: number };
  // Seldom looked at: what ended in that longer time, by its share.
  return Math.max(0, ended - before) * Math.min(1, horizonMs / Math.max(1, now - at));
}
