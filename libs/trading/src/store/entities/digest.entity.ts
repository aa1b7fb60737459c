import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The snapshot of a user's week. */
@Entity({ schema: 'trading', name: 'digests' })
export class DigestEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text', name: 'tenant_id' })
  tenantId!: string;

  @Column({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'date', name: 'period_start' })
  periodStart!: string;

  @Column({ type: 'date', name: 'period_end' })
  periodEnd!: string;

  @Column({ type: 'text', name: 'time_zone' })
  timeZone!: string;

  @Column({ type: 'integer' })
  trades!: number;

  @Column({ type: 'jsonb' })
  snapshot!: Record<string, unknown>;

  @Column({ type: 'text' })
  html!: string;

  @Column({ type: 'timestamptz', precision: 3, name: 'generated_at' })
  generatedAt!: Date;
}
