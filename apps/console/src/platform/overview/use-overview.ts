import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api/index.js';
import { useLive } from '../live/index.js';
import type { Overview } from './overview.js';

/** Figures come every five seconds; older ones say so. */
export const overviewStaleMs = 20_000;

/** The figures that the gateway sends every five seconds, shared by the pages that show them. */
export function useOverview() {
  const queries = useQueryClient();
  useLive<Overview>('stats', (next) => queries.setQueryData(['overview'], next));
  return useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => api.get<Overview>('/v1/console/overview', { signal }),
    staleTime: overviewStaleMs,
  });
}
