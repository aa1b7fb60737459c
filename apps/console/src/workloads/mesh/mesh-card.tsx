import { Link } from '@tanstack/react-router';
import type { JobSummary } from '../../platform/api/index.js';
import { Age, ProgressBar, StateBadge } from '../../platform/components/index.js';
import { resultOf, sizeOf, type Mesh } from './mesh-data.js';
import styles from './mesh.module.css';

/** In place of a picture. */
const placeholders: Record<Mesh['state'], string> = {
  queued: 'waiting',
  running: 'being made',
  succeeded: 'being drawn',
  failed: 'could not be made',
  cancelled: 'was not made',
};

/** A mesh in the gallery. */
export function MeshCard({ mesh, job }: { mesh: Mesh; job: JobSummary | undefined }) {
  const { triangle_count: triangles } = resultOf(mesh);
  const name = mesh.name || mesh.id.slice(0, 8);
  return (
    <li className={styles.card}>
      <Link to={'/meshes/$id' as never} params={{ id: mesh.id } as never} className={styles.cardLink}>
        <div className={styles.picture}>
          {mesh.thumbnail ? (
            <img src={mesh.thumbnail} alt="" width={512} height={512} loading="lazy" decoding="async" />
          ) : (
            <span>{placeholders[mesh.state]}</span>
          )}
        </div>
        <strong className={styles.name}>{name}</strong>
      </Link>
      <div className={styles.line}>
        <StateBadge state={mesh.state} /> <Age at={mesh.created_at} />
      </div>
      {mesh.state === 'running' && (
        <ProgressBar percent={job?.progress?.percent} label={job?.progress?.message ?? 'running'} />
      )}
      {triangles !== undefined && (
        <div className={styles.line}>
          {triangles.toLocaleString('en')} triangles, {sizeOf(resultOf(mesh))}
        </div>
      )}
      {mesh.error && <div className={styles.fault}>{mesh.error.message}</div>}
    </li>
  );
}
