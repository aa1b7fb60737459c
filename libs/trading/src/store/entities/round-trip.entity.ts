import type { Direction, LotMethod } from '../../lots/round-trip.js';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An entry matched with (part of) an exit. */
@Entity({ schema: 'trading', name: 'round_trips' })
export class RoundTripEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @PrimaryColumn({ type: 'text', name: 'tenant_id' })
  tenantId!: string;

  @Column({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'text' })
  symbol!: string;

  @Column({ type: 'text' })
  direction!: Direction;

  @Column({ type: 'text' })
  method!: LotMethod;

  @Column({ type: 'uuid', name: 'entry_fill_id' })
  entryFillId!: string;

  @Column({ type: 'uuid', name: 'exit_fill_id' })
  exitFillId!: string;

  @Column({ type: 'timestamptz', precision: 3, name: 'entry_at' })
  entryAt!: Date;

  @Column({ type: 'timestamptz', precision: 3, name: 'exit_at' })
  exitAt!: Date;

  @Column({ type: 'numeric', name: 'quantity' })
  quantity!: string;

  @Column({ type: 'numeric', name: 'entry_price' })
  entryPrice!: string;

  @Column({ type: 'numeric', name: 'exit_price' })
  exitPrice!: string;

  @Column({ type: 'numeric', name: 'entry_cost' })
  entryCost!: string;

  @Column({ type: 'numeric', name: 'exit_cost' })
  exitCost!: string;

  @Column({ type: 'numeric', name: 'pnl' })
  pnl!: string;
}
