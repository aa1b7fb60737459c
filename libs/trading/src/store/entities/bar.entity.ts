import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A daily bar as a source gave it. */
@Entity({ schema: 'trading', name: 'bars' })
export class BarEntity {
  @PrimaryColumn({ type: 'text' })
  source!: string;

  @PrimaryColumn({ type: 'text' })
  symbol!: string;

  @PrimaryColumn({ type: 'date' })
  date!: string;

  @Column({ type: 'numeric', name: 'open' })
  open!: string;

  @Column({ type: 'numeric', name: 'high' })
  high!: string;

  @Column({ type: 'numeric', name: 'low' })
  low!: string;

  @Column({ type: 'numeric', name: 'close' })
  close!: string;

  @Column({ type: 'numeric', name: 'volume' })
  volume!: string;
}
