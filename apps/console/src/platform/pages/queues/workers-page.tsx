import { Loading, Page, Panel, ProblemNotice } from '../../components/index.js';
import { formatCounted } from '../../formats/index.js';
import { useOverview, WorkerTable } from '../../overview/index.js';

/** Who is alive, and what each does. */
export default function WorkersPage() {
  const { data, error } = useOverview();
  const running = data?.workers.reduce((sum, worker) => sum + worker.running, 0) ?? 0;
  return (
    <Page
      title="Workers"
      summary={data && `${formatCounted(data.workers.length, 'worker')}, ${formatCounted(running, 'job')} running`}
    >
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the workers" />}
      {data && (
        <Panel>
          <WorkerTable workers={data.workers} />
        </Panel>
      )}
    </Page>
  );
}
