import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, type Answer } from '../../platform/api/index.js';
import {
  Button,
  Dialog,
  Loading,
  Page,
  Panel,
  ProblemNotice,
  ProgressBar,
  useAnnounce,
} from '../../platform/components/index.js';
import { usePathParameter } from '../../platform/navigation/index.js';
import { useSession } from '../../platform/session/index.js';
import { useMeshJobs, type Mesh } from './mesh-data.js';
import { MeshFacts } from './mesh-facts.js';
import styles from './mesh.module.css';

// Half a megabyte that nobody needs who only looks at the list.
const Viewer = lazy(() => import('./mesh-viewer.js'));

export default function MeshPage() {
  const id = usePathParameter('id');
  const jobs = useMeshJobs();
  const mesh = useQuery({
    queryKey: ['meshes', id],
    queryFn: ({ signal }) => api.get<Answer<'/v1/meshes/{id}', 'get'>>(`/v1/meshes/${id}`, { signal }) as Promise<Mesh>,
  });
  const { data, error } = mesh;
  const job = jobs.get(data?.job_id ?? '');
  return (
    <Page
      title={data?.name || 'Mesh'}
      actions={data && <Actions mesh={data} />}
      summary={data && `${data.state}, ${data.id}`}
    >
      <ProblemNotice error={error} />
      {!data && !error && <Loading label="Loading the mesh" rows={6} />}
      {data?.error && (
        <Panel title="Why it could not be made">
          <p>{data.error.message}</p>
          <p>
            <code>{data.error.code}</code> {data.error.field && <code>{data.error.field}</code>}
          </p>
        </Panel>
      )}
      {data && (data.state === 'running' || data.state === 'queued') && (
        <ProgressBar percent={job?.progress?.percent} label={job?.progress?.message ?? data.state} />
      )}
      {data?.state === 'succeeded' && <Shown mesh={data} />}
    </Page>
  );
}

function Shown({ mesh }: { mesh: Mesh }) {
  const glb = mesh.files.find(({ format }) => format === 'glb');
  return (
    <div className={styles.shown}>
      <Panel title="View">
        {glb && (
          <Suspense fallback={<Loading label="Loading the viewer" rows={6} />}>
            <Viewer url={glb.link} name={mesh.name} thumbnail={mesh.thumbnail ?? undefined} />
          </Suspense>
        )}
      </Panel>
      <Panel title="Figures">
        <MeshFacts mesh={mesh} />
        <ul className={styles.downloads} aria-label="Downloads">
          {mesh.files.map(({ format, bytes, link }) => (
            <li key={format}>
              <a href={link} download>
                {format.toUpperCase()}, {(bytes / 1024).toFixed(0)} KB
              </a>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

function Actions({ mesh }: { mesh: Mesh }) {
  const { allows } = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const announce = useAnnounce();
  const [asking, setAsking] = useState(false);
  const act = useMutation({
    mutationFn: async (action: 'retry' | 'cancel' | 'delete') => {
      if (action === 'delete') await api.delete(`/v1/meshes/${mesh.id}`);
      else await api.post(`/v1/meshes/${mesh.id}/${action}`);
      return action;
    },
    onSuccess: (action) => {
      announce(
        action === 'delete' ? 'The mesh is deleted' : action === 'retry' ? 'It is made again' : 'It is cancelled',
      );
      void queries.invalidateQueries({ queryKey: ['meshes'] });
      if (action === 'delete') void navigate({ to: '/meshes' as never });
    },
  });
  const again = mesh.state === 'failed' || mesh.state === 'cancelled';
  const open = mesh.state === 'queued' || mesh.state === 'running';
  return (
    <>
      {again && allows('jobs:write') && <Button onClick={() => act.mutate('retry')}>Make it again</Button>}
      {open && allows('jobs:cancel') && <Button onClick={() => act.mutate('cancel')}>Cancel</Button>}
      {allows('jobs:write') && (
        <Button variant="danger" onClick={() => setAsking(true)}>
          Delete
        </Button>
      )}
      <ProblemNotice error={act.error} />
      <Dialog
        title="Delete this mesh?"
        open={asking}
        onOpenChange={setAsking}
        actions={
          <>
            <Button onClick={() => setAsking(false)}>Keep it</Button>
            <Button variant="danger" onClick={() => act.mutate('delete')}>
              Delete it with its files
            </Button>
          </>
        }
      >
        <p>Its files go with it. That cannot be taken back; the picture stays for a week.</p>
      </Dialog>
    </>
  );
}
