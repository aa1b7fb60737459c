import { useEffect, useRef, useSyncExternalStore } from 'react';
import { liveStream } from './live-stream.js';
import type { ConnectionState } from './event-connection.js';

/** Calls `listener` with the data of every such event while the component is shown. */
export function useLive<T>(event: string, listener: (data: T) => void): void {
  const current = useRef(listener);
  useEffect(() => {
    current.current = listener;
  });
  useEffect(() => liveStream.on(event, ({ data }) => current.current(data as T)), [event]);
}

export function useConnection(): ConnectionState {
  return useSyncExternalStore((listener) => liveStream.onState(listener), liveStream.currentState);
}
