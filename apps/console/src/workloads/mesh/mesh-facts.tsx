import { Link } from '@tanstack/react-router';
import { Facts, Time } from '../../platform/components/index.js';
import { resultOf, sizeOf, type Mesh } from './mesh-data.js';

const percent = (share: number | undefined, digits = 1) =>
  share === undefined ? undefined : `${(share * 100).toFixed(digits)} %`;
const count = (n: number | undefined) => n?.toLocaleString('en');

/** What is known of a mesh. */
export function MeshFacts({ mesh }: { mesh: Mesh }) {
  const result = resultOf(mesh);
  const { mode, size_mm: size } = mesh.options as { mode?: string; size_mm?: number };
  return (
    <Facts
      facts={[
        ['Mode', mode],
        ['Size', sizeOf(result)],
        ['Asked for', size ? `${size} mm` : undefined],
        ['Triangles', count(result.triangle_count)],
        ['Vertices', count(result.vertex_count)],
        ['Volume', result.volume_mm3 !== undefined && `${(result.volume_mm3 / 1000).toFixed(2)} cm³`],
        ['Surface', result.area_mm2 !== undefined && `${(result.area_mm2 / 100).toFixed(1)} cm²`],
        ['Watertight', result.watertight ? 'yes, welded by position' : undefined],
        ['Parts', result.parts],
        ['Tunnels', result.genus],
        ['Overlap with the picture', percent(result.iou)],
        ['Largest height error', percent(result.max_error, 2)],
        ['Mean height error', percent(result.rms_error, 3)],
        ['Ended at the triangle limit', result.limited ? 'yes' : undefined],
        ['Foreground', result.foreground],
        ['Engine', result.engine && `${result.engine} ${result.engine_version ?? ''}`],
        ['Took', result.seconds !== undefined && `${result.seconds.toFixed(2)} s`],
        ['Made', <Time key="made" at={mesh.finished_at} />],
        [
          'Job',
          mesh.job_id && (
            <Link key="job" to={'/jobs/$id' as never} params={{ id: mesh.job_id } as never}>
              {mesh.job_id.slice(0, 8)}
            </Link>
          ),
        ],
      ]}
    />
  );
}
