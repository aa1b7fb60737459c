const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  formatters.set(timeZone, made);
  return made;
}

/** "22 Nov 2026, 06:05:09 UTC" */
export function formatTime(at: string | number | Date, timeZone: string): string {
  return formatterOf(timeZone).format(new Date(at));
}

const days = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', year: 'numeric', month: 'short', day: 'numeric' });

/**
 * "22–28 Jun 2026"
 * @param start date, the first day
 * @param end date, the day after the last one
 */
export function formatPeriod(start: string, end: string): string {
  return days.formatRange(Date.parse(start), Date.parse(end) - 86_400_000);
}

/** Two units at most: "850 ms", "3.2 s", "4 min 5 s", "2 h 10 min", "3 d 4 h" */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const units: [number, string, number, string][] = [
    [86_400, 'd', 3_600, 'h'],
    [3_600, 'h', 60, 'min'],
    [60, 'min', 1, 's'],
  ];
  const [large, largeName, small, smallName] = units.find(([size]) => seconds >= size) as (typeof units)[number];
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`;
}

/** "5 s ago", "in 3 min" */
export function formatAge(at: string | number | Date, now: number): string {
  const ms = now - new Date(at).getTime();
  // Clocks that show a second may be one behind.
  if (ms < 1_000 && ms > -2_000) return 'now';
  const whole = Math.floor(Math.abs(ms) / 1_000) * 1_000;
  const text = whole < 10_000 ? `${whole / 1_000} s` : formatDuration(whole).replace(/ \d+ (s|min|h)$/, '');
  return ms > 0 ? `${text} ago` : `in ${text}`;
}

const agePattern = /^(\d+)(s|m|h|d)$/;
const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Of a time ("2026-01-31T08:00Z") or an age ("90m", "2d") as people write it; undefined when it is neither. */
export function readTime(text: string, now: number): Date | undefined {
  const [, amount, unit] = agePattern.exec(text) ?? [];
  const at = amount ? now - Number(amount) * unitMs[unit as keyof typeof unitMs] : Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at);
}
