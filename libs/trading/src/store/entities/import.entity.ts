import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** What one import job has brought so far; its id is the job's. */
@Entity({ schema: 'trading', name: 'imports' })
export class ImportEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text', name: 'tenant_id' })
  tenantId!: string;

  @Column({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'uuid', name: 'connection_id', nullable: true })
  connectionId!: string | null;

  @Column({ type: 'text', name: 'storage_key', nullable: true })
  storageKey!: string | null;

  @Column({ type: 'text', nullable: true })
  cursor!: string | null;

  @Column({ type: 'integer' })
  pages!: number;

  @Column({ type: 'integer' })
  fetched!: number;

  @Column({ type: 'integer' })
  stored!: number;

  @Column({ type: 'integer' })
  failed!: number;

  @Column({ type: 'timestamptz', precision: 3, name: 'first_trade_at', nullable: true })
  firstTradeAt!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, name: 'last_trade_at', nullable: true })
  lastTradeAt!: Date | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3, name: 'started_at' })
  startedAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3, name: 'updated_at' })
  updatedAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
