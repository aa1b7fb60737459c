import type { LiveNudge } from '@roundhouse/contracts';

type Listener = () => void;

/** Wakes local viewers when a nudge names their job or tenant. */
export class LiveHub {
  private readonly listeners = new Map<string, Set<Listener>>();

  /** Answers how to unsubscribe. */
  subscribe(topic: `job:${string}` | `tenant:${string}`, listener: Listener): () => void {
    const set = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0) this.listeners.delete(topic);
    };
  }

  /** Called with the jobs of every nudge. */
  onJobs: (jobIds: readonly string[]) => void = () => undefined;
  /** Called when nudges may have been lost. */
  onLoss: () => void = () => undefined;

  onNudge({ jobIds, tenantIds }: LiveNudge): void {
    if (jobIds.length > 0) this.onJobs(jobIds);
    if (this.listeners.size === 0) return;
    for (const id of jobIds) this.wake(`job:${id}`);
    for (const id of tenantIds) this.wake(`tenant:${id}`);
  }

  private wake(topic: string): void {
    for (const listener of this.listeners.get(topic) ?? []) listener();
  }
}
