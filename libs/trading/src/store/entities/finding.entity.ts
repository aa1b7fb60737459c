import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What a window label came to in one scored window. An open side of the window is null, also in the key. */
@Entity({ schema: 'trading', name: 'findings' })
export class FindingEntity {
  @PrimaryColumn({ type: 'text', name: 'tenant_id' })
  tenantId!: string;

  @PrimaryColumn({ type: 'text', name: 'user_id' })
  userId!: string;

  @PrimaryColumn({ type: 'timestamptz', precision: 3 })
  since!: Date | null;

  @PrimaryColumn({ type: 'timestamptz', precision: 3 })
  until!: Date | null;

  @PrimaryColumn({ type: 'text' })
  label!: string;

  @Column({ type: 'text' })
  status!: 'tagged' | 'not_tagged' | 'insufficient_data';

  @Column({ type: 'double precision', nullable: true })
  confidence!: number | null;

  @Column({ type: 'double precision', name: 'p_value', nullable: true })
  pValue!: number | null;

  @Column({ type: 'double precision', name: 'adjusted_p_value', nullable: true })
  adjustedPValue!: number | null;

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
