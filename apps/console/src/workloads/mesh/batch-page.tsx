import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, type Answer } from '../../platform/api/index.js';
import {
  Button,
  Facts,
  Loading,
  Page,
  Panel,
  PlainTable,
  ProblemNotice,
  ProgressBar,
  Time,
  useAnnounce,
} from '../../platform/components/index.js';
import { usePathParameter } from '../../platform/navigation/index.js';
import { useSession } from '../../platform/session/index.js';
import { MeshCard } from './mesh-card.js';
import { useMeshJobs, type MeshBatch } from './mesh-data.js';
import styles from './mesh.module.css';

type Meshes = Answer<'/v1/meshes', 'get'>;
const shownMeshes = 60;
const shownFailures = 200;

export default function BatchPage() {
  const id = usePathParameter('id');
  const jobs = useMeshJobs();
  const batch = useQuery({
    queryKey: ['meshes', 'batch', id],
    queryFn: ({ signal }) => api.get<MeshBatch>(`/v1/mesh-batches/${id}`, { signal }),
  });
  const list = (state: string, limit: number) => ({
    queryKey: ['meshes', 'batch', id, state],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.get<Meshes>('/v1/meshes', { signal, query: { batch_id: id, state, limit } }),
  });
  const failed = useQuery(list('failed', shownFailures));
  const made = useQuery(list('succeeded', shownMeshes));
  const { data, error } = batch;
  return (
    <Page title={data?.name ?? 'Batch'} actions={data && <Actions batch={data} />}>
      <ProblemNotice error={error ?? failed.error ?? made.error} />
      {!data && !error && <Loading label="Loading the batch" rows={6} />}
      {data && <Progress batch={data} />}
      {failed.data && failed.data.meshes.length > 0 && (
        <Panel title="What could not be made">
          <PlainTable
            label="Failures"
            columns={['Picture', 'Why', 'Code']}
            rows={failed.data.meshes.map((mesh) => ({
              key: mesh.id,
              cells: [
                <Link key="name" to={'/meshes/$id' as never} params={{ id: mesh.id } as never}>
                  {mesh.name || mesh.id}
                </Link>,
                mesh.error?.message ?? '',
                mesh.error?.code ?? '',
              ],
            }))}
          />
        </Panel>
      )}
      {made.data && made.data.meshes.length > 0 && (
        <ul className={styles.gallery} aria-label="Meshes">
          {made.data.meshes.map((mesh) => (
            <MeshCard key={mesh.id} mesh={mesh} job={jobs.get(mesh.job_id ?? '')} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function Progress({ batch }: { batch: MeshBatch }) {
  const { completed, failed, cancelled, total } = batch;
  const waiting = batch.state === 'waiting' ? 'Two batches are made at a time; this one waits for its turn. ' : '';
  return (
    <Panel title="Progress">
      <ProgressBar percent={batch.percent} label={`${waiting}${completed} of ${total} made, ${failed} failed`} />
      <Facts
        facts={[
          ['State', batch.state],
          ['Cancelled', cancelled || undefined],
          ['At once', batch.concurrency],
          ['Round', batch.round > 1 ? batch.round : undefined],
          ['Created', <Time key="c" at={batch.created_at} />],
          ['Started', batch.started_at && <Time key="s" at={batch.started_at} />],
          ['Finished', batch.finished_at && <Time key="f" at={batch.finished_at} />],
        ]}
      />
    </Panel>
  );
}

function Actions({ batch }: { batch: MeshBatch }) {
  const { allows } = useSession();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const act = useMutation({
    mutationFn: (action: 'start' | 'cancel' | 'retry') => api.post(`/v1/mesh-batches/${batch.id}/${action}`),
    onSuccess: () => {
      announce('Done');
      void queries.invalidateQueries({ queryKey: ['meshes'] });
    },
  });
  const over = batch.state === 'finished' || batch.state === 'cancelled';
  return (
    <>
      {batch.download && (
        <a href={batch.download} download className={styles.zip}>
          Download as ZIP
        </a>
      )}
      {batch.state === 'open' && allows('jobs:write') && <Button onClick={() => act.mutate('start')}>Start</Button>}
      {over && batch.failed + batch.cancelled > 0 && allows('jobs:write') && (
        <Button onClick={() => act.mutate('retry')}>Make the failed ones again</Button>
      )}
      {!over && allows('jobs:cancel') && (
        <Button variant="danger" onClick={() => act.mutate('cancel')}>
          Cancel
        </Button>
      )}
      <ProblemNotice error={act.error} />
    </>
  );
}
