import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Batches are sent out little by little, and the few that are not over are found among all that ever were. */
export class BatchesInSteps1763800100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Place of the last image whose job the ledger has.
    await runner.query(`alter table mesh.batches add column sent_through integer not null default 0`);
    await runner.query(`create index batches_active on mesh.batches (id) where state in ('waiting', 'running')`);
    await runner.query(
      `create index meshes_pending on mesh.meshes (batch_id, position) where batch_id is not null and state in ('queued', 'running')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index mesh.meshes_pending, mesh.batches_active`);
    await runner.query(`alter table mesh.batches drop column sent_through`);
  }
}
