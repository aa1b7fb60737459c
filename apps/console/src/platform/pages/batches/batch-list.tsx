import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, type Answer } from '../../api/index.js';
import { Age, Button, Loading, Page, PlainTable, ProblemNotice } from '../../components/index.js';
import { formatCount } from '../../formats/index.js';
import { useUrlState } from '../../navigation/index.js';
import { useBatchNews } from './use-batch-news.js';

type Batch = Answer<'/v1/batches/{id}', 'get'>;
interface List {
  items: Batch[];
  next: string | null;
}

/** Batches or workflows, newest first. `read` takes the answer of the route apart. */
export function BatchList({ title, path, empty }: { title: string; path: 'batches' | 'workflows'; empty: ReactNode }) {
  const [{ cursor }, change] = useUrlState();
  useBatchNews();
  const { data, error } = useQuery({
    queryKey: ['batches', path, cursor],
    queryFn: async ({ signal }): Promise<List> => {
      const answer = await api.get<Record<string, unknown>>(`/v1/${path}`, { query: { cursor, limit: 50 }, signal });
      return { items: answer[path] as Batch[], next: (answer.next as string | null) ?? null };
    },
  });
  return (
    <Page
      title={title}
      actions={
        <>
          {cursor && <Button onClick={() => change({ cursor: undefined })}>Newest</Button>}
          {data?.next && <Button onClick={() => change({ cursor: data.next ?? undefined })}>Older</Button>}
        </>
      }
    >
      <ProblemNotice error={error} />
      {!data && !error && <Loading label={`Loading the ${path}`} />}
      {data?.items.length === 0 && empty}
      {data && data.items.length > 0 && (
        <PlainTable
          label={title}
          columns={['Name', 'State', '#Over', '#Jobs', '#Running', '#Dead', 'Made']}
          rows={data.items.map((batch) => ({
            key: batch.id,
            cells: [
              <Link to={`/${path}/${batch.id}` as string}>{batch.name || batch.id.slice(-12)}</Link>,
              batch.state,
              `${batch.percent} %`,
              formatCount(batch.total),
              formatCount(batch.running),
              batch.dead > 0 ? <strong>{formatCount(batch.dead)}</strong> : '0',
              <Age at={batch.created_at} />,
            ],
          }))}
        />
      )}
    </Page>
  );
}
