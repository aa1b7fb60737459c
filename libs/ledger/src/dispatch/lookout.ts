/** A queued job that has left the outbox. */
export interface Sighting {
  id: string;
  queue: string;
  /** It tells one delivery from the next one of the same job. Milliseconds of the database's clock. */
  dispatchedAt: number;
}

export interface Unseen extends Sighting {
  /** When it was last known to be somewhere. */
  since: number;
}

/** Remembers since when deliveries under way have not been seen anywhere. */
export class Lookout {
  private known = new Map<string, Unseen>();

  /** @param held deliveries that workers named, and when */
  update(sightings: readonly Sighting[], held: ReadonlyMap<string, number>, now: number): void {
    const next = new Map<string, Unseen>();
    for (const sighting of sightings) {
      const before = this.known.get(sighting.id);
      const since = before?.dispatchedAt === sighting.dispatchedAt ? before.since : now;
      next.set(sighting.id, { ...sighting, since: Math.max(since, held.get(sighting.id) ?? 0) });
    }
    this.known = next;
  }

  /** By queue. */
  unseenFor(ms: number, now: number): Map<string, Unseen[]> {
    const unseen = new Map<string, Unseen[]>();
    for (const delivery of this.known.values()) {
      if (now - delivery.since < ms) continue;
      const ofQueue = unseen.get(delivery.queue);
      if (ofQueue) ofQueue.push(delivery);
      else unseen.set(delivery.queue, [delivery]);
    }
    return unseen;
  }
}
