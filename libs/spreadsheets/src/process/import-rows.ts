import { isBlank } from '../cells/cell.js';
import { refusal } from '../files/workbook/refusal.js';
import { RowReader } from '../rows/row-reader.js';
import { headerOf } from '../template/header-of.js';
import { messageFrame } from './frames.js';
import { missingColumns, openSheet, placesOf, rowsOf } from './opened-sheet.js';
import type { ImportRequest, ImportStart } from './requests.js';
import { RowBatch } from './row-batch.js';

/** A batch ends here as well: rows may have 32 767 characters a cell, */
const batchBytes = 1_000_000;
/** and templates many patterns: nobody waits longer for a sign of life. */
const batchMs = 2_000;

/**
 * Reads a sheet from its first row to its last and gives what is behind `after` in batches. Rows before that are read too: a key that
 * comes twice must be found whichever run meets it.
 */
export async function* importRows(request: ImportRequest): AsyncIterable<Buffer> {
  const { template, importId, withCells } = request;
  const { workbook, sheet, headerRow, columns, matches } = await openSheet(request, template);
  try {
    const missing = missingColumns(template, matches);
    if (missing.length > 0) {
      const names = template.columns.filter(({ name }) => missing.includes(name)).map(headerOf);
      throw refusal(`The sheet "${sheet}" has no column for ${names.join(', ')}; map the columns and import again`);
    }
    const mapping = Object.fromEntries(matches.map(({ column, header }) => [column, header]));
    const places = placesOf(matches, columns);
    const comes = ({ name, default: standIn }: (typeof template.columns)[number]) =>
      places.has(name) || Boolean(standIn);
    const names = template.columns.filter(comes).map(({ name }) => name);
    yield messageFrame({ ok: { sheet, headerRow, columns, mapping, brought: names } satisfies ImportStart });
    const { dateSystem } = workbook;
    const reader = new RowReader(template, places, { dateSystem, timeZone: template.time_zone });
    const brought = [...template.columns.entries()].filter(([, column]) => comes(column)).map(([at]) => at);
    const batch = new RowBatch({ importId, brought, columns, dateSystem, withCells });
    for await (const row of rowsOf(workbook, sheet, request)) {
      if (row.number <= headerRow || isBlank(row)) continue;
      const reading = reader.read(row);
      if (row.number <= request.after) continue;
      if ('good' in reading) batch.addGood(row, reading.good);
      else batch.addBad(row, reading.errors);
      if (batch.read >= request.batchRows || batch.bytes >= batchBytes || batch.ageMs() >= batchMs) yield batch.take();
    }
    if (batch.read > 0) yield batch.take();
  } finally {
    workbook.close();
  }
}
