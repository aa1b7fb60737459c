import { Loading, Page, Panel, PlainTable, ProblemNotice } from '../../components/index.js';
import { formatCounted } from '../../formats/index.js';
import { type Overview, useOverview, WorkerTable } from '../../overview/index.js';

/** Who is alive, and what each does; to who is no operator, which queues somebody works for. */
export default function WorkersPage() {
  const { data, error } = useOverview();
  return (
    <Page title="Workers" summary={data?.all_tenants && summaryOf(data)}>
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the workers" />}
      {data && <Panel>{data.all_tenants ? <WorkerTable workers={data.workers} /> : <Listeners {...data} />}</Panel>}
    </Page>
  );
}

function summaryOf({ workers }: Overview): string {
  const running = workers.reduce((sum, worker) => sum + worker.running, 0);
  return `${formatCounted(workers.length, 'worker')}, ${formatCounted(running, 'job')} running`;
}

function Listeners({ queues }: Pick<Overview, 'queues'>) {
  return (
    <PlainTable
      label="Workers"
      columns={['Queue', 'Workers', '#Running']}
      rows={queues.map(({ queue, consumed, running }) => ({
        key: queue,
        cells: [queue, consumed ? 'listening' : <strong>nobody listens</strong>, running],
      }))}
    />
  );
}
