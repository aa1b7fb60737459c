import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { api } from '../../api/index.js';
import { Age, Loading, Page, Panel, PlainTable, ProblemNotice, StateBadge } from '../../components/index.js';
import { usePathParameter } from '../../navigation/index.js';
import { BatchProgress, CancelBatch } from './batch-progress.js';
import { useBatchNews } from './use-batch-news.js';
import type { Workflow, WorkflowNode } from './workflow.js';

/** The library that draws is only loaded for this. */
const WorkflowGraph = lazy(() => import('./workflow-graph.js'));
/** More boxes than this nobody can read; the list shows them all. */
const mostDrawn = 300;

export default function WorkflowPage() {
  const id = usePathParameter('id');
  useBatchNews();
  const { data, error } = useQuery({
    queryKey: ['batches', 'workflow', id],
    queryFn: ({ signal }) => api.get<Workflow>(`/v1/workflows/${id}`, { signal }),
  });
  return (
    <Page
      key={id}
      title={data?.name || 'Workflow'}
      summary={<code>{id}</code>}
      actions={data && <CancelBatch batch={data} path="workflows" />}
    >
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the workflow" />}
      {data && (
        <>
          <BatchProgress batch={data} />
          <Panel title="Graph">
            {data.jobs.length > mostDrawn ? (
              <p>It has {data.jobs.length} jobs: too many to draw. The list has them all.</p>
            ) : (
              <Suspense fallback={<Loading label="Drawing the graph" />}>
                <WorkflowGraph jobs={data.jobs} />
              </Suspense>
            )}
          </Panel>
          <Panel title="In words">
            <WorkflowList jobs={data.jobs} />
          </Panel>
        </>
      )}
    </Page>
  );
}

/** The graph in words: every job behind all that it waits for. */
function WorkflowList({ jobs }: { jobs: readonly WorkflowNode[] }) {
  return (
    <PlainTable
      label="Jobs of the workflow, in their order"
      columns={['Job', 'State', 'Kind', 'Waits for', 'Started', 'Ended', 'Error']}
      rows={jobs.map((job) => ({
        key: job.id,
        cells: [
          <Link to={`/jobs/${job.id}` as string}>{job.ref}</Link>,
          <StateBadge state={job.state} />,
          job.kind,
          job.depends_on
            .map(
              ({ ref, condition, met }) =>
                `${ref}${condition === 'finished' ? ' (however it ends)' : ''}${met ? ' ✓' : ''}`,
            )
            .join(', ') || '–',
          <Age at={job.started_at} />,
          <Age at={job.finished_at} />,
          job.error && `${job.error.code}: ${job.error.message}`,
        ],
      }))}
    />
  );
}
