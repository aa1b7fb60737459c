import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A file of trades somebody uploaded; the file itself is in the file storage. */
@Entity({ schema: 'trading', name: 'uploads' })
export class UploadEntity {
  @PrimaryColumn({ type: 'text', name: 'storage_key' })
  storageKey!: string;

  @Column({ type: 'text', name: 'tenant_id' })
  tenantId!: string;

  @Column({ type: 'text', name: 'user_id' })
  userId!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'bigint' })
  bytes!: string;

  @Column({ type: 'text' })
  sha256!: string;

  @CreateDateColumn({ type: 'timestamptz', precision: 3, name: 'created_at' })
  createdAt!: Date;
}
