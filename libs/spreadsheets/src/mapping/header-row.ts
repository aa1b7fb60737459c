import type { SheetRow } from '../cells/cell.js';
import type { DateSystem } from '../cells/serial-date.js';
import { cellText } from '../rows/cell-text.js';
import { columnName } from '../cells/cell-reference.js';
import type { Column } from '../template/template.js';
import { namesOf, normalized } from './normalized-name.js';

/** So many rows from the top are looked at. */
export const headerSearchRows = 50;

/** A column of a sheet: its place from 0 and the name that its header gives it. */
export interface SourceColumn {
  at: number;
  header: string;
}

/**
 * The row with the column names: the one that most of the template's columns are named in, or else the first that looks like one,
 * being as wide as the rows below it and made of different texts. Undefined when the sheet has no rows.
 */
export function findHeaderRow(rows: readonly SheetRow[], columns: readonly Column[], dateSystem: DateSystem) {
  const filled = rows.filter(({ cells }) => cells.some((cell) => cell !== undefined && cell.text.trim() !== ''));
  const known = new Set(columns.flatMap(namesOf));
  let best: SheetRow | undefined;
  let bestMatches = 0;
  for (const row of filled) {
    const names = new Set(row.cells.filter(Boolean).map((cell) => normalized(cellText(cell, dateSystem))));
    const matches = [...names].filter((name) => known.has(name)).length;
    if (matches > bestMatches) [best, bestMatches] = [row, matches];
  }
  if (best && bestMatches >= Math.min(2, columns.length)) return best;
  const widths = filled.map(({ cells }) => new Set(cells.filter(Boolean).map((cell) => cell!.text)).size);
  const usual = Math.max(0, ...widths);
  return filled.find((row, i) => widths[i]! >= usual * 0.6 && mostlyText(row)) ?? best ?? filled[0];
}

function mostlyText({ cells }: SheetRow): boolean {
  const present = cells.filter((cell) => cell !== undefined && cell.text.trim() !== '');
  const texts = present.filter((cell) => cell!.kind === 'text' && !/^[\d.,\s%€$-]+$/.test(cell!.text));
  return texts.length >= present.length * 0.7;
}

/** The columns that a header row names. Names that come twice get a number; columns without a name get their letter. */
export function sourceColumns(header: SheetRow, sample: readonly SheetRow[], dateSystem: DateSystem): SourceColumn[] {
  const places = new Set<number>();
  for (const { cells } of [header, ...sample]) cells.forEach((cell, at) => cell && places.add(at));
  const seen = new Map<string, number>();
  return [...places]
    .sort((a, b) => a - b)
    .map((at) => {
      const name =
        cellText(header.cells[at], dateSystem).trim().replace(/\s+/g, ' ').slice(0, 200) || `Column ${columnName(at)}`;
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      return { at, header: times === 1 ? name : `${name} (${times})` };
    });
}
