import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, type Answer } from '../../api/index.js';
import { Age, Button, Empty, Loading, Page, PlainTable, ProblemNotice } from '../../components/index.js';
import { formatCount } from '../../formats/index.js';
import { useUrlState } from '../../navigation/index.js';
import { describeFilter } from './dead-filter.js';
import { useRedriveNews, whileRunningMs } from './use-redrive-news.js';

type Redrives = Answer<'/v1/redrives', 'get'>;

/** What bulk actions did. */
export default function RedrivesPage() {
  const [{ cursor }, change] = useUrlState();
  useRedriveNews();
  const { data, error } = useQuery({
    queryKey: ['redrives', 'list', cursor],
    queryFn: ({ signal }) => api.get<Redrives>('/v1/redrives', { query: { cursor, limit: 50 }, signal }),
    refetchInterval: ({ state }) =>
      state.data?.redrives.some((redrive) => redrive.state === 'running') ? whileRunningMs : false,
  });
  return (
    <Page
      title="Redrives"
      actions={
        <>
          {cursor && <Button onClick={() => change({ cursor: undefined })}>Newest</Button>}
          {data?.next && <Button onClick={() => change({ cursor: data.next ?? undefined })}>Older</Button>}
        </>
      }
    >
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the redrives" />}
      {data?.redrives.length === 0 && (
        <Empty title="Nothing was redriven yet">
          <p>
            Dead jobs are sent again from <Link to="/failures">Failures</Link>, by their cause, and show up here.
          </p>
        </Empty>
      )}
      {data && data.redrives.length > 0 && (
        <PlainTable
          label="Redrives"
          columns={['Redrive', 'State', '#Matched', '#Sent', '#Succeeded', '#Died again', 'What', 'By']}
          rows={data.redrives.map((redrive) => ({
            key: redrive.id,
            cells: [
              <Link to={`/redrives/${redrive.id}` as string}>
                <Age at={redrive.created_at} />
              </Link>,
              redrive.state,
              formatCount(redrive.counts.matched),
              formatCount(redrive.counts.sent),
              formatCount(redrive.counts.succeeded),
              formatCount(redrive.counts.dead),
              describeFilter(redrive.filter as object),
              redrive.created_by,
            ],
          }))}
        />
      )}
    </Page>
  );
}
