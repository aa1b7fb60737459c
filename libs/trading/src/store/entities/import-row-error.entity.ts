import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of an import that is no usable fill. */
@Entity({ schema: 'trading', name: 'import_row_errors' })
export class ImportRowErrorEntity {
  @PrimaryColumn({ type: 'bigint', generated: 'identity' })
  id!: string;

  @Column({ type: 'text', name: 'tenant_id' })
  tenantId!: string;

  @Column({ type: 'uuid', name: 'import_id' })
  importId!: string;

  @Column({ type: 'integer', name: 'row_number' })
  rowNumber!: number;

  @Column({ type: 'text', name: 'column_name' })
  columnName!: string;

  @Column({ type: 'text' })
  value!: string;

  @Column({ type: 'text' })
  message!: string;
}
