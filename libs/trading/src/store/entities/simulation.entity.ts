import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a round trip would have brought under the alternatives, for one state of the bars. */
@Entity({ schema: 'trading', name: 'simulations' })
export class SimulationEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text', name: 'tenant_id' })
  tenantId!: string;

  @Column({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'uuid', name: 'round_trip_id' })
  roundTripId!: string;

  @Column({ type: 'integer', name: 'horizon_days' })
  horizonDays!: number;

  @Column({ type: 'text', name: 'bars_version' })
  barsVersion!: string;

  @Column({ type: 'boolean' })
  partial!: boolean;

  @Column({ type: 'numeric', name: 'pnl_actual' })
  pnlActual!: string;

  @Column({ type: 'text', name: 'best_alternative' })
  bestAlternative!: string;

  @Column({ type: 'numeric', name: 'best_delta_pnl', nullable: true })
  bestDeltaPnl!: string | null;

  @Column({ type: 'jsonb' })
  outcome!: Record<string, unknown>;

  @Column({ type: 'timestamptz', precision: 3, name: 'computed_at' })
  computedAt!: Date;
}
