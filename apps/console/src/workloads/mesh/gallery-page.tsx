import { useInfiniteQuery } from '@tanstack/react-query';
import { api, type Answer } from '../../platform/api/index.js';
import { Button, Empty, Loading, Page, ProblemNotice, SelectField } from '../../platform/components/index.js';
import { useUrlState } from '../../platform/navigation/index.js';
import { useSession } from '../../platform/session/index.js';
import { MeshCard } from './mesh-card.js';
import { useMeshJobs } from './mesh-data.js';
import { UploadForm } from './upload-form.js';
import styles from './mesh.module.css';

type Meshes = Answer<'/v1/meshes', 'get'>;

const states = [
  { value: '', label: 'All' },
  ...['queued', 'running', 'succeeded', 'failed', 'cancelled'].map((state) => ({ value: state, label: state })),
];

export default function GalleryPage() {
  const [{ state, batch }, change] = useUrlState();
  const { allows } = useSession();
  const jobs = useMeshJobs();
  const meshes = useInfiniteQuery({
    queryKey: ['meshes', 'list', state, batch],
    queryFn: ({ signal, pageParam }) =>
      api.get<Meshes>('/v1/meshes', { signal, query: { state, batch_id: batch, limit: 60, cursor: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const shown = meshes.data?.pages.flatMap((page) => page.meshes);
  return (
    <Page
      title="Meshes"
      actions={
        <SelectField
          label="State"
          value={state ?? ''}
          options={states}
          onChange={(next) => change({ state: next || undefined })}
        />
      }
    >
      {allows('jobs:write') && <UploadForm jobs={jobs} />}
      <ProblemNotice error={meshes.error} />
      {!shown && !meshes.error && <Loading label="Loading meshes" rows={4} />}
      {shown?.length === 0 && (
        <Empty title="No meshes">{state ? 'There are none in this state.' : 'Upload a picture to make one.'}</Empty>
      )}
      {shown && shown.length > 0 && (
        <ul className={styles.gallery} aria-label="Meshes">
          {shown.map((mesh) => (
            <MeshCard key={mesh.id} mesh={mesh} job={jobs.get(mesh.job_id ?? '')} />
          ))}
        </ul>
      )}
      {meshes.hasNextPage && (
        <Button onClick={() => void meshes.fetchNextPage()} disabled={meshes.isFetchingNextPage}>
          Show more
        </Button>
      )}
    </Page>
  );
}
