import type { SheetTransaction } from './database.js';
import { quoted } from './table-type.js';

/** The columns that rows of an import bring, as the table that they go to has them. */
export interface IncomingShape {
  /** Column → PostgreSQL type. */
  columns: ReadonlyMap<string, string>;
  /** Whether the cells come along, as they stand in the sheet. */
  withCells: boolean;
}

/** Names of what every record has beside the template's columns; nobody else's begin with `_`. */
export const ownColumns = '_source_row, _import_id, _key';

export const columnList = (names: Iterable<string>): string => [...names].map((name) => `, ${quoted(name)}`).join('');

/** Lines of a batch into a table of their own, which ends with the transaction: for everything that is more than inserting. */
export async function fillIncoming(
  tx: SheetTransaction,
  { columns, withCells }: IncomingShape,
  lines: Buffer,
): Promise<void> {
  const typed = [...columns].map(([name, type]) => `, ${quoted(name)} ${type}`).join('');
  const cells = withCells ? ', _cells jsonb' : '';
  await tx.query(
    `create temporary table incoming (_source_row integer, _import_id uuid, _key text collate "C"${typed}${cells}) on commit drop`,
  );
  await tx.copy(
    `copy pg_temp.incoming (${ownColumns}${columnList(columns.keys())}${withCells ? ', _cells' : ''}) from stdin`,
    lines,
  );
}
