import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { api, type Answer, type JobSummary } from '../../api/index.js';
import {
  Age,
  Button,
  DataTable,
  Empty,
  Loading,
  Page,
  ProblemNotice,
  StateBadge,
  Time,
  type Column,
} from '../../components/index.js';
import { formatCapped, formatCount } from '../../formats/index.js';
import { useLive } from '../../live/index.js';
import { useUrlState } from '../../navigation/index.js';
import { matches, parseJobQuery, queryParameters } from './job-query.js';
import styles from './jobs-page.module.css';
import { QueryBar } from './query-bar.js';

type Look = Answer<'/v1/console/jobs', 'get'>;
type Count = Answer<'/v1/console/jobs/count', 'get'>;

const pageSize = 100;
// How many looks a search takes by itself before it asks whether to go on.
const looksAtOnce = 10;

const columns: readonly Column<JobSummary>[] = [
  { id: 'state', header: 'State', width: '6rem', cell: ({ state }) => <StateBadge state={state} /> },
  {
    id: 'kind',
    header: 'Job',
    width: 'minmax(0, 2fr)',
    cell: ({ id, kind }) => (
      <Link to={`/jobs/${id}` as string} className={styles.job}>
        <span>{kind}</span> <code>{id.slice(-12)}</code>
      </Link>
    ),
  },
  { id: 'about', header: 'What about it', width: 'minmax(0, 3fr)', wide: true, cell: (job) => <About job={job} /> },
  { id: 'queue', header: 'Queue', wide: true, cell: ({ queue }) => queue },
  { id: 'attempt', header: 'Runs', width: '3.5rem', wide: true, alignEnd: true, cell: ({ attempt }) => attempt },
  { id: 'created', header: 'Accepted', width: '5.5rem', alignEnd: true, cell: (job) => <Age at={job.created_at} /> },
];

function About({ job }: { job: JobSummary }) {
  if (job.cancel_requested_at && !job.finished_at) return <>is being cancelled</>;
  if (job.error && job.state !== 'succeeded')
    return (
      <span title={job.error.message}>
        {job.error.code}: {job.error.message}
      </span>
    );
  if (job.state === 'running' && job.progress)
    return (
      <>
        {Math.round(job.progress.percent)} % {job.progress.message}
      </>
    );
  if (job.state === 'scheduled' || job.state === 'retrying')
    return (
      <>
        runs <Age at={job.run_at} />
      </>
    );
  return null;
}

export default function JobsPage() {
  const [{ q = '' }, change] = useUrlState();
  const query = useMemo(() => parseJobQuery(q), [q]);
  const list = useJobs(q, query);
  const count = useCount(q, query);
  const news = useNewJobs(query, list.jobs);
  return (
    <Page
      title="Jobs"
      summary={
        <span role="status">
          {count && (
            <>
              {formatCapped(count.count, count.cap)} {count.count === 1 ? 'job' : 'jobs'}
              {!count.exact && count.count < count.cap && ` among the newest ${formatCount(count.cap)}`}
            </>
          )}
        </span>
      }
    >
      <QueryBar value={q} onChange={(next) => change({ q: next || undefined })} />
      {news.count > 0 && (
        <Button className={styles.news} onClick={news.show}>
          {news.count} new {news.count === 1 ? 'job' : 'jobs'}: show
        </Button>
      )}
      <ProblemNotice error={list.error} />
      {list.stale && (
        <p className={styles.stale}>
          As of <Time at={list.stale} />: the gateway does not answer.
        </p>
      )}
      {list.isPending ? (
        !list.error && <Loading label="Loading jobs" rows={8} />
      ) : (
        <>
          {list.jobs.length > 0 && (
            <DataTable
              label="Jobs"
              columns={columns}
              rows={list.jobs}
              rowKey={({ id }) => id}
              total={list.hasMore ? -1 : undefined}
              onEnd={list.more}
            />
          )}
          <Foot list={list} filtered={q !== ''} onClear={() => change({ q: undefined })} />
        </>
      )}
    </Page>
  );
}

function Foot({ list, filtered, onClear }: { list: JobList; filtered: boolean; onClear: () => void }) {
  if (list.isFetching) return <Loading label="Looking further back" rows={2} />;
  if (list.hasMore)
    return (
      <div className={styles.foot}>
        <span>Looked through the newest {formatCount(list.looked)} jobs.</span>
        <Button onClick={list.goOn}>Look further back</Button>
      </div>
    );
  if (list.jobs.length > 0 || list.error) return null;
  return filtered ? (
    <Empty title="No job is like that">
      <Button onClick={onClear}>Show all jobs</Button>
    </Empty>
  ) : (
    <Empty title="There are no jobs yet">
      <p>
        <code>POST /v1/jobs</code> accepts one; <code>./roundhouse demo</code> runs a few.
      </p>
    </Empty>
  );
}

interface JobList {
  jobs: JobSummary[];
  isPending: boolean;
  isFetching: boolean;
  error: unknown;
  hasMore: boolean;
  looked: number;
  /** Since when nothing newer could be read. */
  stale: string | undefined;
  more: () => void;
  goOn: () => void;
}

/** The list, read step by step: a step may find nothing and not be the last. */
function useJobs(q: string, query: ReturnType<typeof parseJobQuery>): JobList {
  const [patience, setPatience] = useState(looksAtOnce);
  useEffect(() => setPatience(looksAtOnce), [q]);
  const found = useInfiniteQuery({
    queryKey: ['jobs', q],
    queryFn: ({ pageParam, signal }) =>
      api.get<Look>('/v1/console/jobs', {
        query: { ...queryParameters(query), limit: pageSize, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    enabled: query.faults.length === 0,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage, dataUpdatedAt } = found;
  const pages = data?.pages ?? [];
  const jobs = useMemo(() => data?.pages.flatMap((page) => page.jobs) ?? [], [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  // A short answer is no answer yet.
  const short = jobs.length < pageSize / 2 && pages.length < patience;
  useEffect(() => {
    if (short) more();
  }, [short, more]);
  return {
    jobs,
    isPending: found.isPending && query.faults.length === 0,
    isFetching: found.isFetchingNextPage,
    error: found.error,
    hasMore: hasNextPage && jobs.length < pageSize / 2,
    looked: pages.reduce((sum, page) => sum + page.looked, 0),
    stale: isError && data ? new Date(dataUpdatedAt).toISOString() : undefined,
    more: jobs.length < pageSize / 2 ? () => undefined : more,
    goOn: () => {
      setPatience(pages.length + looksAtOnce);
      more();
    },
  };
}

function useCount(q: string, query: ReturnType<typeof parseJobQuery>): Count | undefined {
  return useQuery({
    queryKey: ['job-count', q],
    queryFn: ({ signal }) =>
      api.get<Count>('/v1/console/jobs/count', { query: { ...queryParameters(query), input: undefined }, signal }),
    enabled: query.faults.length === 0 && query.input.length === 0,
    placeholderData: keepPreviousData,
  }).data;
}

/** Jobs that have arrived since the list was read; they wait until somebody asks for them, so that nothing moves by itself. */
function useNewJobs(query: ReturnType<typeof parseJobQuery>, shown: readonly JobSummary[]) {
  const queries = useQueryClient();
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => setArrived(new Set()), [query]);
  const newest = shown[0]?.id ?? '';
  useLive<{ jobs: JobSummary[] }>('jobs', ({ jobs }) => {
    const fresh = jobs.filter((job) => job.id > newest && matches(query, job)).map(({ id }) => id);
    if (fresh.length > 0) setArrived((before) => new Set([...before, ...fresh]));
  });
  const count = [...arrived].filter((id) => id > newest).length;
  const show = () => {
    setArrived(new Set());
    window.scrollTo({ top: 0 });
    void queries.resetQueries({ queryKey: ['jobs'] });
    void queries.invalidateQueries({ queryKey: ['job-count'] });
  };
  return { count, show };
}
