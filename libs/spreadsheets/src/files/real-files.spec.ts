import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isBlank } from '../cells/cell.js';
import { cellText } from '../rows/cell-text.js';
import { withMergedCells } from '../rows/merged-cells.js';
import { openWorkbook } from './open-workbook.js';

// Files of other programs, which the repository does not ship.
const folder = resolve('../shared/data/spreadsheets');
const present = existsSync(folder) ? describe : describe.skip;

async function content(file: string, sheet?: string): Promise<string[][]> {
  const workbook = await openWorkbook(resolve(folder, file));
  try {
    const facts = await workbook.inspect();
    const { name, merges } = facts.find((found) => found.name === sheet) ?? facts[0]!;
    const rows: string[][] = [];
    for await (const row of withMergedCells(workbook.rows(name), merges))
      if (!isBlank(row)) rows.push(Array.from(row.cells, (cell) => cellText(cell, workbook.dateSystem)));
    return rows;
  } finally {
    workbook.close();
  }
}

present('real files', () => {
  it.each(['date.xlsx', 'date_1904.xlsx', 'date.xls'])('reads the dates of %s, whatever its calendar', async (file) => {
    expect(await content(file)).toEqual([
      ['2021-01-01', '15'],
      ['2021-01-02', '16'],
      ['15:10:10', '17'],
    ]);
  });

  it('gives every cell of a merged range its value', async () => {
    expect(await content('merge_cells.xlsx')).toEqual([
      ['Row Merge', 'Row Merge', 'Not Merged'],
      ['Column Merge', 'Chunk Merged', 'Chunk Merged', 'Chunk Merged'],
      ['Column Merge', 'Chunk Merged', 'Chunk Merged', 'Chunk Merged'],
      ['Column Merge', 'Chunk Merged', 'Chunk Merged', 'Chunk Merged'],
    ]);
  });

  it('decodes entities and escapes', async () => {
    expect(await content('encoded_entities.xlsx')).toEqual([['&'], ['\n']]);
    expect(await content('has_x000D_.xlsx')).toEqual([['ABC\r\nDEF']]);
  });

  it('reads errors of formulas as errors', async () => {
    const errors = (await content('errors.xlsx')).flat();
    expect(errors).toEqual(['#DIV/0!', '#NAME?', '#VALUE!', '#NULL!', '#REF!', '#NUM!', '#N/A']);
  });

  it('knows sheets, hidden ones among them, and leaves charts out', async () => {
    const workbook = await openWorkbook(resolve(folder, 'any_sheets.xlsx'));
    expect(await workbook.inspect()).toMatchObject([
      { name: 'Visible', hidden: false, rows: 4 },
      { name: 'Hidden', hidden: true },
      { name: 'VeryHidden', hidden: true },
    ]);
    workbook.close();
  });

  it('reads inline strings, and a sheet that goes on to the last row Excel has', async () => {
    const rows = await content('issue_174.xlsx');
    expect(rows).toHaveLength(2);
    expect(rows[1]?.slice(0, 6)).toEqual([
      '123',
      'Test Contact Name',
      'Test Contact Number',
      'Hello Address',
      'My City',
      '1.5',
    ]);
  });

  it('reads the .xls of Excel 5', async () => {
    const rows = await content('biff5_write.xls');
    expect(rows[0]).toEqual(['1', '2', '3']);
    expect(rows[2]).toEqual(['foo', 'bar', '2014-02-19 14:30:00', '0.3']);
  });

  it('says that a file is protected by a password', async () => {
    await expect(content('pass_protected.xlsx')).rejects.toThrow(/protected by a password/);
  });
});
