import type { LotMethod } from '../../lots/round-trip.js';
import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** How a user wants to be reckoned with. */
@Entity({ schema: 'trading', name: 'profiles' })
export class ProfileEntity {
  @PrimaryColumn({ type: 'text', name: 'tenant_id' })
  tenantId!: string;

  @PrimaryColumn({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'text', name: 'time_zone' })
  timeZone!: string;

  @Column({ type: 'text' })
  currency!: string;

  @Column({ type: 'text', name: 'lot_method' })
  lotMethod!: LotMethod;

  @Column({ type: 'numeric', name: 'starting_equity', nullable: true })
  startingEquity!: string | null;

  @CreateDateColumn({ type: 'timestamptz', precision: 3, name: 'created_at' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3, name: 'updated_at' })
  updatedAt!: Date;
}
