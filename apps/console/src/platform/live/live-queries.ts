import { useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import type { JobSummary } from '../api/index.js';
import { useLive } from './use-live.js';

/** Pages of a list of jobs, as they are kept. */
export type JobPages = InfiniteData<{ jobs: JobSummary[]; next: string | null }>;

/** What the gateway says about jobs: rows that are shown are patched where they are, a job's page reads what it needs again. */
export function useLiveQueries(): void {
  const queries = useQueryClient();
  useLive<{ jobs: JobSummary[] }>('jobs', ({ jobs }) => {
    const byId = new Map(jobs.map((job) => [job.id, job]));
    queries.setQueriesData<JobPages>({ queryKey: ['jobs'] }, (pages) => pages && patched(pages, byId));
    for (const job of jobs) patchJob(queries, job);
  });
  // More happened than the gateway tells one by one, or it no longer knows what this page has missed.
  useLive('resync', () => void queries.invalidateQueries());
}

/** What a job's page knows of it. Progress is patched in; only a change of state is worth reading everything again. */
function patchJob(queries: QueryClient, job: JobSummary): void {
  const key = ['job', job.id, 'page'];
  const known = queries.getQueryData<JobSummary>(key);
  if (!known) return;
  queries.setQueryData(key, { ...known, ...job });
  const moved = known.state !== job.state || known.attempt !== job.attempt || known.run_at !== job.run_at;
  if (moved || known.cancel_requested_at !== job.cancel_requested_at)
    void queries.invalidateQueries({ queryKey: ['job', job.id] });
}

/** The same pages with newer rows in place; the same object when none of them is among them. */
export function patched(pages: JobPages, changed: ReadonlyMap<string, JobSummary>): JobPages {
  let touched = false;
  const next = pages.pages.map((page) => {
    if (!page.jobs.some(({ id }) => changed.has(id))) return page;
    touched = true;
    return { ...page, jobs: page.jobs.map((job) => changed.get(job.id) ?? job) };
  });
  return touched ? { ...pages, pages: next } : pages;
}
