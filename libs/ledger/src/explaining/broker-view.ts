/** What keeps the broker from taking messages, as this process sees it. */
export interface BrokerTrouble {
  /** blocked: it is there and takes no messages, being short of memory or disk. */
  what: 'away' | 'blocked';
  /** In the broker's words; empty when it gave none. */
  reason: string;
  forMs: number;
}

/** How the broker stands: asked before anything is said of jobs that need it. */
export interface BrokerView {
  /** Undefined: it is there and takes messages. */
  trouble(): BrokerTrouble | undefined;
  /** Undefined: it does not say now. */
  look(queue: string): Promise<{ consumers: number } | undefined>;
}
