import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { useLive } from '../live/use-live.js';
import type { Overview } from '../pages/now/now-page.js';

/** The figures that the gateway sends every five seconds, shared with the overview page. */
export function useOverview() {
  const queries = useQueryClient();
  useLive<Overview>('stats', (next) => queries.setQueryData(['overview'], next));
  return useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => api.get<Overview>('/v1/console/overview', { signal }),
    staleTime: 20_000,
  });
}
