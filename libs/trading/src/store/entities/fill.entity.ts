import type { Side } from '../../model/fill.js';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An execution. (tenant, user, broker, external id) is unique. */
@Entity({ schema: 'trading', name: 'fills' })
export class FillEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'bigint', generated: 'identity' })
  seq!: string;

  @Column({ type: 'text', name: 'tenant_id' })
  tenantId!: string;

  @Column({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'text' })
  broker!: string;

  @Column({ type: 'text', name: 'ext_id' })
  extId!: string;

  @Column({ type: 'text' })
  symbol!: string;

  @Column({ type: 'text' })
  side!: Side;

  @Column({ type: 'numeric', name: 'quantity' })
  quantity!: string;

  @Column({ type: 'numeric', name: 'price' })
  price!: string;

  @Column({ type: 'numeric', name: 'fee' })
  fee!: string;

  @Column({ type: 'text', name: 'fee_currency' })
  feeCurrency!: string;

  @Column({ type: 'timestamptz', precision: 3, name: 'at' })
  at!: Date;

  @Column({ type: 'uuid', name: 'import_id', nullable: true })
  importId!: string | null;
}
