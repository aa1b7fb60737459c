import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The span of days a source was asked for, so that a holiday is not asked for again. */
@Entity({ schema: 'trading', name: 'bar_ranges' })
export class BarRangeEntity {
  @PrimaryColumn({ type: 'text' })
  source!: string;

  @PrimaryColumn({ type: 'text' })
  symbol!: string;

  @Column({ type: 'date' })
  since!: string;

  @Column({ type: 'date' })
  until!: string;

  @Column({ type: 'boolean' })
  found!: boolean;

  @Column({ type: 'boolean' })
  adjusted!: boolean;

  @Column({ type: 'jsonb' })
  splits!: { date: string; ratio: string }[];

  @Column({ type: 'timestamptz', precision: 3, name: 'fetched_at' })
  fetchedAt!: Date;
}
