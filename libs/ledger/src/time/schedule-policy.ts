/** What becomes of times at which a schedule should have fired and did not: the platform was down. */
export type MisfirePolicy = 'skip' | 'fire_once' | 'catch_up';
/** What happens when a schedule fires while a job of its own is not over yet. */
export type OverlapPolicy = 'allow' | 'skip' | 'cancel_other';

/** Later than this, a time was missed. */
export const misfireAfterMs = 60_000;
export const mostCatchUps = 1_000;

/**
 * Which of the due times (oldest first) fire; the others were missed. Times that are hardly late always fire, except that
 * with `fire_once` the latest one stands for all as soon as any was missed.
 */
export function timesToFire(times: readonly Date[], now: Date, misfire: MisfirePolicy, catchUpMax: number): Date[] {
  const late = times.filter((time) => now.getTime() - time.getTime() > misfireAfterMs);
  const onTime = times.slice(late.length);
  switch (misfire) {
    case 'skip':
      return onTime;
    case 'fire_once':
      return late.length > 0 ? times.slice(-1) : onTime;
    case 'catch_up':
      return [...late.slice(Math.max(0, late.length - catchUpMax)), ...onTime];
  }
}
