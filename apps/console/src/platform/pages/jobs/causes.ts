/** What a stretch of a job's life was spent on: its name for people, and the colour of its part of the bar. */
interface Cause {
  label: string;
  /** One of the series colours of the theme, 1 … 8. */
  series: number;
}

const causes: Record<string, Cause> = {
  accept: { label: 'being accepted', series: 8 },
  outbox: { label: 'waiting to be sent', series: 6 },
  backlog: { label: 'waiting for a worker', series: 6 },
  slot: { label: 'waiting for a slot', series: 4 },
  token: { label: 'waiting for a rate token', series: 4 },
  pause: { label: 'paused', series: 7 },
  dependency: { label: 'waiting for other jobs', series: 5 },
  scheduled: { label: 'scheduled for later', series: 8 },
  snooze: { label: 'snoozing', series: 8 },
  retry_wait: { label: 'waiting to be tried again', series: 4 },
  version_skew: { label: 'waiting for a newer worker', series: 7 },
  running: { label: 'running', series: 1 },
  outcome: { label: 'outcome on its way', series: 3 },
  takeover: { label: 'worker lost, being taken over', series: 2 },
  lost_delivery: { label: 'delivery lost by the broker', series: 2 },
  dead: { label: 'dead', series: 2 },
  unknown: { label: 'unknown', series: 8 },
};

export const causeOf = (cause: string): Cause => causes[cause] ?? { label: cause, series: 8 };
