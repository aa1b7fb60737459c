import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A task is noted before the engine is asked for it, so that its news may come before its name. */
export class ExpectEngineTasks1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table mesh.engine_tasks alter column task_id drop not null`);
    await runner.query(`create index engine_tasks_age on mesh.engine_tasks (created_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index mesh.engine_tasks_age`);
    await runner.query(`delete from mesh.engine_tasks where task_id is null`);
    await runner.query(`alter table mesh.engine_tasks alter column task_id set not null`);
  }
}
