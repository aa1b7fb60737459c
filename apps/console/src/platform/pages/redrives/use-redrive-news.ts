import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useLive } from '../../live/index.js';

const atMostEveryMs = 1_000;

/** Jobs moved: redrives that run may be further. */
export function useRedriveNews(): void {
  const queries = useQueryClient();
  const timer = useRef<number>(undefined);
  useLive('jobs', () => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: ['redrives'] });
    }, atMostEveryMs);
  });
}

/** The end of a redrive is no event of a job; while one runs it is asked for this often. */
export const whileRunningMs = 2_000;
