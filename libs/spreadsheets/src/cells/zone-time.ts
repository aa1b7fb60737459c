/** Milliseconds that a zone is ahead of UTC at a moment, asked of Intl and remembered by the hour. */
class ZoneOffsets {
  private readonly known = new Map<number, number>();
  private readonly format: Intl.DateTimeFormat;

  constructor(zone: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  at(utcMs: number): number {
    // Zones change at full or half hours.
    const slot = Math.floor(utcMs / 1_800_000);
    const known = this.known.get(slot);
    if (known !== undefined) return known;
    const offset = this.ask(slot * 1_800_000);
    if (this.known.size > 50_000) this.known.clear();
    this.known.set(slot, offset);
    return offset;
  }

  private ask(utcMs: number): number {
    const parts: Record<string, number> = {};
    for (const { type, value } of this.format.formatToParts(new Date(utcMs))) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - utcMs;
  }
}

const zones = new Map<string, ZoneOffsets>();

function offsetsOf(zone: string): ZoneOffsets {
  let offsets = zones.get(zone);
  if (!offsets) zones.set(zone, (offsets = new ZoneOffsets(zone)));
  return offsets;
}

/** Wall-clock time of a moment in an IANA zone. */
export function wallTimeOfUtc(utcMs: number, zone: string): number {
  return zone === 'UTC' ? utcMs : utcMs + offsetsOf(zone).at(utcMs);
}

/**
 * UTC of a wall-clock time in an IANA zone. A time that a clock change skips is taken with the offset before the change; one that
 * comes twice is the first of the two.
 */
export function utcOfWallTime(wallMs: number, zone: string): number {
  if (zone === 'UTC') return wallMs;
  const offsets = offsetsOf(zone);
  const before = offsets.at(wallMs - 86_400_000);
  const first = wallMs - before;
  if (offsets.at(first) === before) return first;
  const second = wallMs - offsets.at(first);
  return offsets.at(second) === offsets.at(first) ? second : first;
}
