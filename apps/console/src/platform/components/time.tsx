import { useSyncExternalStore } from 'react';
import { formatAge, formatTime } from '../formats/index.js';
import { useTimeZone } from '../preferences/index.js';

let now = Date.now();
const listeners = new Set<() => void>();
let timer: number | undefined;

/** One clock for every age on the page. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.clearInterval(timer);
    timer = undefined;
  };
}

/** The present moment, once a second. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** A moment in the chosen time zone. */
export function Time({ at }: { at: string | null | undefined }) {
  const timeZone = useTimeZone();
  if (!at) return <>–</>;
  return <time dateTime={at}>{formatTime(at, timeZone)}</time>;
}

/** How long ago, or how far ahead, a moment is; the moment itself on hover. */
export function Age({ at }: { at: string | null | undefined }) {
  const timeZone = useTimeZone();
  const current = useNow();
  if (!at) return <>–</>;
  return (
    <time dateTime={at} title={formatTime(at, timeZone)}>
      {formatAge(at, current)}
    </time>
  );
}
