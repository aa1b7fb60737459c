import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { JobSummary } from '../../api/index.js';
import { useLive } from '../../live/index.js';

/** Deaths come in storms; the groups are read again at most this often. */
const atMostEveryMs = 2_000;

/** Reads the failures again when jobs die or dead ones are taken up again. */
export function useDeathNews(): void {
  const queries = useQueryClient();
  const timer = useRef<number>(undefined);
  useLive<{ jobs: JobSummary[] }>('jobs', ({ jobs }) => {
    const matters = jobs.some(({ state, fingerprint, failures }) => state === 'dead' || fingerprint || failures > 0);
    if (!matters || timer.current !== undefined) return;
    timer.current = window.setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: ['failures'] });
    }, atMostEveryMs);
  });
}
