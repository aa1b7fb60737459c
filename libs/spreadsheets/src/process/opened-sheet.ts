import { isBlank, type SheetRow } from '../cells/cell.js';
import type { CellRange } from '../cells/cell-reference.js';
import { openWorkbook } from '../files/open-workbook.js';
import { Refusal, refusal } from '../files/workbook/refusal.js';
import type { Workbook } from '../files/workbook/workbook.js';
import { autoMap, type Match } from '../mapping/auto-map.js';
import { findHeaderRow, headerSearchRows, sourceColumns, type SourceColumn } from '../mapping/header-row.js';
import { withMergedCells } from '../rows/merged-cells.js';
import { valueReader } from '../rows/read-value.js';
import type { Column, Template } from '../template/template.js';
import type { SheetChoice } from './requests.js';

const sampleRows = 20;

/** A sheet with its header row found and its columns mapped; `rows` are those below the header that are not blank. */
export interface OpenedSheet {
  workbook: Workbook;
  sheet: string;
  headerRow: number;
  columns: SourceColumn[];
  /** Rows right below the header, for previews and for guessing. */
  sample: SheetRow[];
  matches: Match[];
}

/** Opens the chosen sheet, looks for its header and maps its columns. The caller closes `workbook`. */
export async function openSheet(choice: SheetChoice, template: Template | undefined): Promise<OpenedSheet> {
  const workbook = await openWorkbook(choice.path, choice.facts.dialect);
  try {
    const sheet = choice.sheet || firstSheet(workbook);
    const top = await topRows(workbook, sheet, choice);
    const header = headerOf(top, choice.headerRow, template, workbook);
    const sample = top.filter((row) => row.number > header.number && !isBlank(row)).slice(0, sampleRows);
    const columns = sourceColumns(header, sample, workbook.dateSystem);
    const matches = template ? matchesOf(choice.mapping, template, columns, sample, workbook) : [];
    return { workbook, sheet, headerRow: header.number, columns, sample, matches };
  } catch (error) {
    workbook.close();
    throw error;
  }
}

/** The rows of an opened sheet from its header on, merged ranges filled in. */
export function rowsOf(workbook: Workbook, sheet: string, { facts }: SheetChoice): AsyncIterable<SheetRow> {
  const merges: CellRange[] = facts.sheets.find(({ name }) => name === sheet)?.merges ?? [];
  return withMergedCells(workbook.rows(sheet), merges);
}

function firstSheet({ sheets }: Workbook): string {
  return (sheets.find(({ hidden }) => !hidden) ?? sheets[0]!).name;
}

async function topRows(workbook: Workbook, sheet: string, choice: SheetChoice): Promise<SheetRow[]> {
  const rows: SheetRow[] = [];
  const wanted = Math.max(headerSearchRows, sampleRows + 1);
  for await (const row of rowsOf(workbook, sheet, choice)) {
    if (row.number < choice.headerRow) continue;
    rows.push(row);
    if (rows.length >= wanted) break;
  }
  return rows;
}

function headerOf(top: SheetRow[], asked: number, template: Template | undefined, workbook: Workbook): SheetRow {
  if (asked > 0) {
    const row = top.find(({ number }) => number === asked);
    if (row && !isBlank(row)) return row;
    throw new Refusal(`Row ${asked} is blank: it cannot be the header`, 'header_row');
  }
  const found = findHeaderRow(top, template?.columns ?? [], workbook.dateSystem);
  if (!found || isBlank(found)) throw refusal('The sheet is empty');
  return found;
}

function matchesOf(
  mapping: Record<string, string> | undefined,
  template: Template,
  columns: readonly SourceColumn[],
  sample: readonly SheetRow[],
  { dateSystem }: Workbook,
): Match[] {
  if (mapping) return asked(mapping, template, columns);
  const options = { dateSystem, timeZone: template.time_zone };
  return autoMap(template.columns, columns, (column: Column, source) => {
    const read = valueReader({ ...column, required: false }, options);
    const present = sample.map(({ cells }) => cells[source.at]).filter((cell) => cell !== undefined);
    const good = present.filter((cell) => typeof read(cell) !== 'object').length;
    return present.length === 0 ? 1 : good / present.length;
  });
}

function asked(mapping: Record<string, string>, template: Template, columns: readonly SourceColumn[]): Match[] {
  return Object.entries(mapping).map(([column, header]) => {
    const field = `mapping.${column}`;
    if (!template.columns.some(({ name }) => name === column))
      throw new Refusal(`The template has no column "${column}"`, field);
    const source = columns.find((candidate) => candidate.header === header);
    if (source) return { column, header, confidence: 1 };
    const names = columns
      .map((candidate) => `"${candidate.header}"`)
      .join(', ')
      .slice(0, 500);
    throw new Refusal(`The sheet has no column "${header}"; it has ${names}`, field);
  });
}

/** Columns that must have values and can get none. */
export function missingColumns(template: Template, matches: readonly Match[]): string[] {
  const mapped = new Set(matches.map(({ column }) => column));
  return template.columns
    .filter(({ name, required, default: standIn }) => required && !standIn && !mapped.has(name))
    .map(({ name }) => name);
}

/** Template column → place in the sheet. */
export function placesOf(matches: readonly Match[], columns: readonly SourceColumn[]): Map<string, number> {
  const places = new Map(columns.map(({ header, at }) => [header, at]));
  return new Map(matches.map(({ column, header }) => [column, places.get(header)!]));
}
