import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A finding of the scoring. */
@Entity({ schema: 'trading', name: 'tags' })
export class TagEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @PrimaryColumn({ type: 'text', name: 'tenant_id' })
  tenantId!: string;

  @Column({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'text' })
  label!: string;

  @Column({ type: 'text' })
  scope!: 'trade' | 'window';

  @Column({ type: 'text', nullable: true })
  symbol!: string | null;

  @Column({ type: 'uuid', name: 'fill_id', nullable: true })
  fillId!: string | null;

  @Column({ type: 'uuid', name: 'round_trip_id', nullable: true })
  roundTripId!: string | null;

  @Column({ type: 'timestamptz', precision: 3, name: 'at' })
  at!: Date;

  @Column({ type: 'timestamptz', precision: 3, name: 'since', nullable: true })
  since!: Date | null;

  @Column({ type: 'timestamptz', precision: 3, name: 'until', nullable: true })
  until!: Date | null;

  @Column({ type: 'double precision' })
  confidence!: number;

  @Column({ type: 'jsonb' })
  features!: Record<string, unknown>;

  @Column({ type: 'text' })
  method!: string;

  @Column({ type: 'integer' })
  n!: number;

  @Column({ type: 'double precision', nullable: true })
  baseline!: number | null;

  @Column({ type: 'text' })
  insight!: string;

  @CreateDateColumn({ type: 'timestamptz', precision: 3, name: 'created_at' })
  createdAt!: Date;
}
