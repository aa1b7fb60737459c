import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.js';
import type { Answer } from '../../api/types.js';
import { usePathParameter } from '../../navigation/url-state.js';
import { Loading } from '../../components/loading.js';
import { Page } from '../../components/page.js';
import { ProblemNotice } from '../../components/problem-notice.js';
import { BatchProgress, CancelBatch } from './batch-progress.js';
import { useBatchNews } from './use-batch-news.js';

export default function BatchPage() {
  const id = usePathParameter('id');
  useBatchNews();
  const { data, error } = useQuery({
    queryKey: ['batches', id],
    queryFn: ({ signal }) => api.get<Answer<'/v1/batches/{id}', 'get'>>(`/v1/batches/${id}`, { signal }),
  });
  return (
    <Page
      key={id}
      title={data?.name || 'Batch'}
      summary={<code>{id}</code>}
      actions={data && <CancelBatch batch={data} path="batches" />}
    >
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the batch" />}
      {data && <BatchProgress batch={data} />}
    </Page>
  );
}
