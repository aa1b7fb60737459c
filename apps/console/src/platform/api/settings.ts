import { useQuery } from '@tanstack/react-query';
import { api } from './client.js';
import type { Answer } from './types.js';

export type Settings = Answer<'/v1/console/settings', 'get'>;

/** Kinds, queues and addresses of this installation; they change with an upgrade only. */
export function useSettings(): Settings | undefined {
  return useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => api.get<Settings>('/v1/console/settings', { signal }),
    staleTime: Infinity,
  }).data;
}
