import type { SheetRow } from '../cells/cell.js';
import { cellText } from '../rows/cell-text.js';
import { shownValue } from '../rows/row-error.js';
import { RowReader } from '../rows/row-reader.js';
import { typedValues } from '../rows/typed-values.js';
import { missingColumns, openSheet, placesOf, type OpenedSheet } from './opened-sheet.js';
import type { Preview, PreviewRequest, PreviewRow } from './requests.js';

/** More columns than anybody looks at. */
const shownColumns = 200;

/** The first rows of a sheet, read and checked by a template when there is one. */
export async function preview(request: PreviewRequest): Promise<Preview> {
  const { template } = request;
  const opened = await openSheet(request, template);
  const { workbook, sheet, headerRow, sample, matches } = opened;
  try {
    const columns = opened.columns.slice(0, shownColumns);
    const show = (row: SheetRow | undefined, at: number) => shownValue(cellText(row?.cells[at], workbook.dateSystem));
    const firstValue = (at: number) => sample.map((row) => show(row, at)).find((text) => text !== '') ?? '';
    const check = template && checker(request, opened);
    return {
      sheet,
      headerRow,
      columns: columns.map((column) => ({ ...column, sample: firstValue(column.at) })),
      mapping: matches,
      missing: template ? missingColumns(template, matches) : [],
      rows: sample.slice(0, request.rows).map((row) => ({
        row: row.number,
        cells: columns.map(({ at }) => show(row, at)),
        ...(check?.(row) ?? { errors: [] }),
      })),
    };
  } finally {
    workbook.close();
  }
}

function checker({ template }: PreviewRequest, { workbook, matches, columns }: OpenedSheet) {
  const options = { dateSystem: workbook.dateSystem, timeZone: template!.time_zone };
  const reader = new RowReader(template!, placesOf(matches, columns), options);
  return (row: SheetRow): Pick<PreviewRow, 'values' | 'errors'> => {
    const reading = reader.read(row);
    if ('errors' in reading) return { errors: reading.errors };
    return { values: typedValues(template!.columns, reading.good.values), errors: [] };
  };
}
