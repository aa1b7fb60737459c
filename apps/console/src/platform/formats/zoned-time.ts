const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  // Swedish writes dates as ISO 8601 does.
  const made = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(timeZone, made);
  return made;
}

/** What clocks in the zone show at a moment, as `<input type="datetime-local">` has it: "2026-11-22T06:05:09". */
export function wallTimeOf(at: number, timeZone: string): string {
  return formatterOf(timeZone).format(at).replace(' ', 'T');
}

/**
 * The moment at which clocks in the zone show `wallTime` ("2026-11-22T06:05", seconds if wanted); the earlier one where they show
 * it twice. Undefined: it is no time, or clocks are put forward over it.
 */
export function momentOf(wallTime: string, timeZone: string): number | undefined {
  const asUtc = Date.parse(`${wallTime}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  const wanted = new Date(asUtc).toISOString().slice(0, 19);
  const day = 86_400_000;
  // The offsets on both sides of a change of the clocks.
  const offsets = [asUtc - day, asUtc + day].map((at) => Date.parse(`${wallTimeOf(at, timeZone)}Z`) - at);
  return offsets
    .map((offset) => asUtc - offset)
    .sort((a, b) => a - b)
    .find((at) => wallTimeOf(at, timeZone) === wanted);
}
