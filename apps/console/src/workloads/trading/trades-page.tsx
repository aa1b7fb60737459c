import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, type Answer } from '../../platform/api/index.js';
import {
  Button,
  Empty,
  Loading,
  Panel,
  PlainTable,
  ProblemNotice,
  Time,
  useAnnounce,
} from '../../platform/components/index.js';
import { useSession } from '../../platform/session/index.js';
import { useJobsOfKind } from './job-of-kind.js';
import { Money } from './money.js';
import { TradingPage } from './trading-page.js';
import styles from './trading-page.module.css';

type RoundTrips = Answer<'/v1/round-trips', 'get'>;
type Trip = RoundTrips['round_trips'][number];
type Tags = Answer<'/v1/tags', 'get'>;
type Tag = Tags['tags'][number];

const pageSize = 100;

export default function TradesPage() {
  return <TradingPage title="Trades">{(userId) => <Trades userId={userId} />}</TradingPage>;
}

function Trades({ userId }: { userId: string }) {
  const queries = useQueryClient();
  // Scoring makes closed trades of what was imported, and tags them.
  useJobsOfKind('trading.score_bias', () => {
    void queries.invalidateQueries({ queryKey: ['trading', 'round-trips'] });
    void queries.invalidateQueries({ queryKey: ['trading', 'tags'] });
  });
  const trips = useInfiniteQuery({
    queryKey: ['trading', 'round-trips', userId],
    queryFn: ({ pageParam, signal }) =>
      api.get<RoundTrips>('/v1/round-trips', {
        query: { user_id: userId, limit: pageSize, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const tags = useQuery({
    queryKey: ['trading', 'tags', userId],
    queryFn: ({ signal }) => api.get<Tags>('/v1/tags', { query: { user_id: userId, limit: 500 }, signal }),
  });
  const rows = trips.data?.pages.flatMap((page) => page.round_trips) ?? [];
  const all = tags.data?.tags ?? [];
  const windows = all.filter(({ scope }) => scope === 'window');
  return (
    <>
      <ProblemNotice error={trips.error ?? tags.error} />
      {windows.length > 0 && (
        <Panel title="Patterns over time">
          <PlainTable
            label="Patterns over time"
            columns={['What', 'When', 'Insight', '#Confidence']}
            rows={windows.map(({ id, label, at, insight, confidence }) => ({
              key: id,
              cells: [label, <Time at={at} />, insight, `${Math.round(confidence * 100)} %`],
            }))}
          />
        </Panel>
      )}
      <Panel title="Closed trades">
        {trips.isPending && <Loading label="Loading the trades" />}
        {trips.data && rows.length === 0 && (
          <Empty title="There is no closed trade yet">
            <p>
              A trade is closed when what was bought is sold. Import a file with both; after an import they appear here
              by themselves, once it is scored.
            </p>
          </Empty>
        )}
        {rows.length > 0 && (
          <PlainTable
            label="Closed trades"
            columns={['Symbol', 'Closed', '#Quantity', '#Bought at', '#Sold at', '#Result', 'Tags', 'What if']}
            rows={rows.map((trip) => ({
              key: trip.id,
              cells: [
                `${trip.symbol} ${trip.direction}`,
                <Time at={trip.exit_at} />,
                trip.quantity,
                trip.entry_price,
                trip.exit_price,
                <Money amount={trip.pnl} />,
                <TagList tags={all.filter(({ round_trip_id: id }) => id === trip.id)} />,
                <Simulate trip={trip} />,
              ],
            }))}
          />
        )}
        {trips.hasNextPage && (
          <Button disabled={trips.isFetchingNextPage} onClick={() => void trips.fetchNextPage()}>
            Older trades
          </Button>
        )}
      </Panel>
    </>
  );
}

function TagList({ tags }: { tags: readonly Tag[] }) {
  return (
    <span className={styles.tags}>
      {tags.map(({ id, label, insight, confidence }) => (
        <span key={id} className={styles.tag} title={`${insight} (confidence ${Math.round(confidence * 100)} %)`}>
          {label}
        </span>
      ))}
    </span>
  );
}

function Simulate({ trip }: { trip: Trip }) {
  const { allows } = useSession();
  const navigate = useNavigate();
  const announce = useAnnounce();
  const run = useMutation({
    mutationFn: () =>
      api.post<{ job_id: string }>('/v1/simulations', { user_id: trip.user_id, round_trip_id: trip.id }),
    onSuccess: () => {
      announce('The alternatives are being worked out');
      void navigate({ to: '/trading/what-ifs', search: { user: trip.user_id, trip: trip.id } as never });
    },
  });
  if (!allows('jobs:write')) return null;
  return (
    <>
      <Button
        disabled={run.isPending}
        aria-label={`What if, ${trip.symbol} closed ${trip.exit_at}`}
        onClick={() => run.mutate()}
      >
        What if?
      </Button>
      <ProblemNotice error={run.error} />
    </>
  );
}
