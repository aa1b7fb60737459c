import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, ApiError, finalStates, type Answer, type ConsoleJob } from '../../platform/api/index.js';
import {
  Facts,
  Loading,
  Page,
  Panel,
  PlainTable,
  ProblemNotice,
  ProgressBar,
  StateBadge,
  Time,
} from '../../platform/components/index.js';
import { formatCount } from '../../platform/formats/index.js';
import { usePathParameter } from '../../platform/navigation/index.js';
import { useJobsOfKind } from './job-of-kind.js';

type Import = Answer<'/v1/trades/imports/{id}', 'get'>;

/** One import as it goes on: the job's progress, what it has brought, and the rows that were no trades. */
export default function ImportPage() {
  const id = usePathParameter('id');
  const queries = useQueryClient();
  const job = useQuery({
    queryKey: ['job', id, 'page'],
    queryFn: ({ signal }) => api.get<ConsoleJob>(`/v1/console/jobs/${id}`, { signal }),
  });
  const found = useQuery({
    queryKey: ['trading', 'import', id],
    queryFn: ({ signal }) =>
      api.get<Import>(`/v1/trades/imports/${id}`, { signal }).catch((error: unknown) => {
        // It failed before it had begun.
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }),
    // What it has brought is there from the first page of its source on.
    enabled: job.data !== undefined && (job.data.progress !== null || finalStates.includes(job.data.state)),
  });
  useJobsOfKind('trading.import_trades', (jobs) => {
    if (jobs.some((changed) => changed.id === id))
      void queries.invalidateQueries({ queryKey: ['trading', 'import', id] });
  });
  const { data } = found;
  const running = job.data && !finalStates.includes(job.data.state);
  return (
    <Page title="Import" actions={<Link to={`/jobs/${id}` as string}>Its job</Link>}>
      <ProblemNotice error={job.error ?? found.error} />
      {!job.data && !job.error && <Loading label="Loading the import" />}
      {job.data && (
        <Panel>
          <p role="status">
            <StateBadge state={job.data.state} /> {job.data.error?.message}
          </p>
          {running && (
            <ProgressBar
              percent={job.data.progress?.percent}
              label={job.data.progress?.message || 'waiting to begin'}
            />
          )}
          {data && (
            <Facts
              facts={[
                ['Rows read', formatCount(data.fetched)],
                ['New trades', formatCount(data.stored)],
                ['Known already', formatCount(data.fetched - data.stored - data.failed)],
                ['Bad rows', formatCount(data.failed)],
                ['First trade', data.first_trade_at && <Time at={data.first_trade_at} />],
                ['Last trade', data.last_trade_at && <Time at={data.last_trade_at} />],
              ]}
            />
          )}
        </Panel>
      )}
      {data && data.row_errors.length > 0 && (
        <Panel title="Rows that were left out">
          <PlainTable
            label="Rows that were left out"
            columns={['Row', 'Column', 'What it says', 'Why']}
            rows={data.row_errors.map(({ row, column, value, message }, index) => ({
              key: String(index),
              cells: [row, column, <code>{value}</code>, message],
            }))}
          />
        </Panel>
      )}
      {data?.finished_at && (
        <p>
          <Link to="/trading/trades" search={{ user: data.user_id } as never}>
            See the trades
          </Link>
        </p>
      )}
    </Page>
  );
}
