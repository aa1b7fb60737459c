import { useQuery } from '@tanstack/react-query';
import { api, type Answer } from '../../api/index.js';
import { Loading, Page, ProblemNotice } from '../../components/index.js';
import { usePathParameter } from '../../navigation/index.js';
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
