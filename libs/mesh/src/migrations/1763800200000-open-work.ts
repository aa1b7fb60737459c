import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The few tasks that engines may be working on, and the few meshes that are not over, are found among all that ever were. */
export class OpenWork1763800200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create index engine_tasks_open on mesh.engine_tasks (job_id) where task_id is not null and status in ('queued', 'running')`,
    );
    await runner.query(
      `create index meshes_job on mesh.meshes (job_id) where job_id is not null and state in ('queued', 'running')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index mesh.meshes_job, mesh.engine_tasks_open`);
  }
}
