import type { KindDefinition } from '@roundhouse/contracts';
import type { FieldError } from '../http/index.js';
import type { UniqueRequest } from './job-requests.js';

/** Why a request cannot be unique in this way, or undefined. `path`: within what says how it is unique. */
export function uniqueFault({ kind, unique }: KindDefinition, asked: UniqueRequest): FieldError | undefined {
  if (!unique && asked.key === undefined)
    return { path: 'key', message: `is required: kind ${kind} is not unique by itself` };
  const mode = asked.mode ?? unique?.mode ?? 'reject';
  const own = mode === unique?.mode ? unique : undefined;
  const period = asked.period_seconds ?? (unique?.periodMs === undefined ? undefined : unique.periodMs / 1000);
  const maxWait = asked.max_wait_seconds ?? (own?.maxWaitMs === undefined ? undefined : own.maxWaitMs / 1000);
  const leading = asked.leading ?? own?.leading ?? false;
  if ((mode === 'debounce' || mode === 'throttle') && period === undefined)
    return { path: 'period_seconds', message: `is required for mode ${mode}` };
  if (asked.while_running && mode === 'throttle')
    return { path: 'while_running', message: 'does not go with mode throttle: nothing follows within its period' };
  if (asked.while_running && unique?.heldUntil === 'started')
    return { path: 'while_running', message: `does not go with kind ${kind}: its jobs are unique until they start` };
  if (asked.leading && mode !== 'debounce')
    return { path: 'leading', message: `goes with mode debounce, not with ${mode}` };
  if (asked.max_wait_seconds === undefined && !asked.leading) return undefined;
  if (mode !== 'debounce') return { path: 'max_wait_seconds', message: `goes with mode debounce, not with ${mode}` };
  if (leading && maxWait !== undefined)
    return { path: 'max_wait_seconds', message: 'does not go with leading: the period is not moved' };
  if (maxWait !== undefined && maxWait < (period ?? 0))
    return { path: 'max_wait_seconds', message: `is shorter than the period of ${period} s` };
  return undefined;
}
