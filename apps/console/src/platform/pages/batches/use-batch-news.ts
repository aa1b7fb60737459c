import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useLive } from '../../live/index.js';

const atMostEveryMs = 1_000;

/** Jobs moved: batches and workflows that are shown may be further. */
export function useBatchNews(): void {
  const queries = useQueryClient();
  const timer = useRef<number>(undefined);
  useLive('jobs', () => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: ['batches'] });
    }, atMostEveryMs);
  });
}
