import { createHash } from 'node:crypto';

/** Everything of the mesh workload lies below it; the sweep for orphans looks nowhere else. */
export const meshFolder = 'mesh';

/** The same image of the same tenant has one key, so that a request sent twice asks for the same job. */
export function imageKey(tenantId: string, sha256: string): string {
  const folder = createHash('sha256').update(tenantId).digest('hex').slice(0, 32);
  return `${meshFolder}/images/${folder}/${sha256}`;
}

/** Every attempt writes files of its own: two runs of a job cannot mix theirs. */
export function meshFileKey(meshId: string, jobId: string, attempt: number, file: string): string {
  return `${meshFolder}/meshes/${meshId}/${jobId}-${attempt}/${file}`;
}
