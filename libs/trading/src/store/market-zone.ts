const crypto = new Set(['binance']);

/** Zone whose days are the sessions of these brokers' fills: crypto trades around the clock and counts its days in UTC. */
export function marketZoneOf(brokers: Iterable<string>): string {
  const all = [...brokers];
  return all.length > 0 && all.every((broker) => crypto.has(broker)) ? 'UTC' : 'America/New_York';
}
