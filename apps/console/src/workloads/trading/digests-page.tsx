import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, type Answer } from '../../platform/api/index.js';
import {
  Age,
  Button,
  Empty,
  Loading,
  Panel,
  PlainTable,
  ProblemNotice,
  useAnnounce,
} from '../../platform/components/index.js';
import { formatCount, formatPeriod } from '../../platform/formats/index.js';
import { useSession } from '../../platform/session/index.js';
import { useJobsOfKind } from './job-of-kind.js';
import { TradingPage } from './trading-page.js';

type Digests = Answer<'/v1/digests', 'get'>;

export default function DigestsPage() {
  return <TradingPage title="Digests">{(userId) => <DigestList userId={userId} />}</TradingPage>;
}

function DigestList({ userId }: { userId: string }) {
  const { allows } = useSession();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const list = useQuery({
    queryKey: ['trading', 'digests', userId],
    queryFn: ({ signal }) => api.get<Digests>('/v1/digests', { query: { user_id: userId, limit: 100 }, signal }),
  });
  useJobsOfKind('trading.generate_digest', (jobs) => {
    void queries.invalidateQueries({ queryKey: ['trading', 'digests'] });
    if (jobs.some(({ state }) => state === 'succeeded')) announce('A digest is ready');
  });
  const write = useMutation({
    mutationFn: () => api.post('/v1/digests', { user_id: userId }),
    onSuccess: () => announce('The digest is being written'),
  });
  return (
    <Panel
      title="Weeks"
      actions={
        allows('jobs:write') && (
          <Button disabled={write.isPending} onClick={() => write.mutate()}>
            Write last week’s
          </Button>
        )
      }
    >
      <ProblemNotice error={list.error ?? write.error} />
      {list.isPending && <Loading label="Loading the digests" />}
      {list.data?.digests.length === 0 && (
        <Empty title="No digest was written yet">
          <p>One is written every week for whoever has trades; the button above writes one now.</p>
        </Empty>
      )}
      {list.data && list.data.digests.length > 0 && (
        <PlainTable
          label="Digests"
          columns={['Week', '#Trades', 'Written']}
          rows={list.data.digests.map((digest) => ({
            key: digest.id,
            cells: [
              <a href={digest.page} target="_blank" rel="noreferrer">
                {formatPeriod(digest.period_start, digest.period_end)}
              </a>,
              formatCount(digest.trades),
              <Age at={digest.generated_at} />,
            ],
          }))}
        />
      )}
    </Panel>
  );
}
