import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Old uploads are found among all. */
export class ExpireUploads1763800300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index uploads_age on trading.uploads (created_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop index trading.uploads_age`);
  }
}
