import type { BrokerTrouble } from './broker-view.js';
import { duration, sayTrouble, type Holdup, type PauseFact } from './explain-reason.js';

/** What else holds a job up, beside what it waits for now: no end can be told while there is something. */
export interface Aside {
  pause: PauseFact | undefined;
  trouble: BrokerTrouble | undefined;
}

/** Said behind the sentence; empty when there is nothing to add. */
export function sayAside({ type }: Holdup, { pause, trouble }: Aside, now: number): string {
  if (type === 'over') return '';
  if (type === 'running') return trouble ? `; ${sayTrouble(trouble)}, so that its worker cannot be heard` : '';
  if (type === 'pause' || type === 'broker') return '';
  const paused =
    pause && `; ${pause.scope} ${pause.value} was paused ${duration(now - pause.since)} ago by ${pause.by}`;
  return `${paused ?? ''}${trouble ? `; ${sayTrouble(trouble)}` : ''}`;
}
