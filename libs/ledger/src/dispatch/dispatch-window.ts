const refreshMs = 50;
const firstTarget = 100;
const minTarget = 50;
const maxTarget = 20_000;
/** The broker holds about this many seconds of work per queue; the rest of a backlog waits in the outbox. */
const horizonSeconds = 0.5;
/**
 * Messages that the jobs of a full window are spread over, at least: a bundle is a small part of what the queue's workers do in half a second,
 * so that none of them idles while another one has a bundle before it.
 */
const messagesPerWindow = 40;
/** Below this many jobs in half a second every job has its own message. */
export const bundlesFrom = 400;
/** Most jobs of one message. */
export const bundleLimit = 64;

/** Sent batches that are remembered; more than the broker holds of a queue. */
const rememberedBatches = 200;

interface QueueWindow {
  target: number;
  /** Jobs ready in the broker at the last look. */
  depth: number;
  /** Jobs sent since. */
  sent: number;
  /** The last batches sent, oldest first: the broker counts messages. */
  batches: { jobs: number; messages: number }[];
  lookedAt: number;
  refresh: Promise<void> | undefined;
}

/**
 * How many deliveries a queue may take now. A broker's queue is first in, first out: whoever is in it cannot be overtaken,
 * by a more urgent job or by another tenant's. So it is kept just long enough that workers never wait: about half a second
 * of what they were seen to take (Little's law), growing while they run it dry.
 */
export class DispatchWindow {
  private readonly queues = new Map<string, QueueWindow>();

  /** @param depth messages ready in the broker; undefined when it cannot be asked, e.g. while the queue is missing */
  constructor(
    private readonly depth: (queue: string) => Promise<number | undefined>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async room(queue: string): Promise<number> {
    const window = this.windowOf(queue);
    if (this.now() - window.lookedAt >= refreshMs) {
      window.refresh ??= this.look(queue, window).finally(() => (window.refresh = undefined));
      await window.refresh;
    }
    return Math.max(0, window.target - window.depth - window.sent);
  }

  /** How many jobs may share a message: one, unless the queue is worked off so fast that messages become what costs. */
  bundleSize(queue: string): number {
    const { target } = this.windowOf(queue);
    return target < bundlesFrom ? 1 : Math.min(bundleLimit, Math.floor(target / messagesPerWindow));
  }

  /** What was just sent. */
  note(queue: string, jobs: number, messages = jobs): void {
    const window = this.windowOf(queue);
    window.sent += jobs;
    window.batches.push({ jobs, messages });
    if (window.batches.length > rememberedBatches) window.batches.shift();
  }

  private windowOf(queue: string): QueueWindow {
    let window = this.queues.get(queue);
    if (!window) {
      window = { target: firstTarget, depth: 0, sent: 0, batches: [], lookedAt: -Infinity, refresh: undefined };
      this.queues.set(queue, window);
    }
    return window;
  }

  private async look(queue: string, window: QueueWindow): Promise<void> {
    const sentBefore = window.sent;
    const depth = jobsIn((await this.depth(queue)) ?? 0, window.batches);
    const now = this.now();
    const seconds = (now - window.lookedAt) / 1000;
    if (Number.isFinite(seconds) && seconds > 0) {
      const taken = Math.max(0, window.depth + sentBefore - depth);
      window.target = nextTarget(window.target, taken / seconds, depth, sentBefore);
    }
    window.depth = depth;
    // What was sent while the broker was being asked may or may not be in its answer; counting it twice only waits.
    window.sent -= sentBefore;
    window.lookedAt = now;
  }
}

/** What is still in a first-in, first-out queue was sent last. Beyond what is remembered, and with other relays, an estimate. */
function jobsIn(messages: number, batches: QueueWindow['batches']): number {
  let jobs = 0;
  let left = messages;
  for (let i = batches.length - 1; i >= 0 && left > 0; i -= 1) {
    const batch = batches[i] as QueueWindow['batches'][number];
    const counted = Math.min(left, batch.messages);
    jobs += (batch.jobs * counted) / batch.messages;
    left -= counted;
  }
  const density = left < messages ? jobs / (messages - left) : 1;
  return Math.round(jobs + left * density);
}

function nextTarget(target: number, perSecond: number, depth: number, sent: number): number {
  // Run dry although there was more: the workers can take more than they were given.
  if (depth === 0 && sent > 0) return Math.min(maxTarget, target * 2);
  // Idle: nothing can be learned.
  if (perSecond === 0 && depth === 0) return target;
  const wanted = perSecond * horizonSeconds;
  // Down slowly: one slow look must not throttle a fast queue.
  return Math.min(maxTarget, Math.max(minTarget, wanted, target * 0.8));
}
