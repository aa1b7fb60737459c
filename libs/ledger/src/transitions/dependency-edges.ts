import type { EntityManager } from 'typeorm';

/** Which end of another job lets this one run. */
export type DependencyCondition = 'succeeded' | 'finished';

/** What becomes of a job when one that it depends on ends differently than it needs. */
export type DependencyOtherwise = 'cancel' | 'keep_waiting';

export interface GraphEdge {
  ref: string;
  condition: DependencyCondition;
  otherwise: DependencyOtherwise;
}

/** One job waits for another one's end. */
export interface DependencyEdge extends GraphEdge {
  jobId: string;
  /** Its id is the lower one: jobs are locked in the order of ids, and ends are passed on along the edges. */
  dependsOn: string;
}

export async function insertEdges(tx: EntityManager, edges: readonly DependencyEdge[]): Promise<void> {
  if (edges.length === 0) return;
  await tx.query(
    `insert into ledger.dependencies (job_id, depends_on, ref, condition, otherwise)
     select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])`,
    [
      edges.map((edge) => edge.jobId),
      edges.map((edge) => edge.dependsOn),
      edges.map((edge) => edge.ref),
      edges.map((edge) => edge.condition),
      edges.map((edge) => edge.otherwise),
    ],
  );
}
