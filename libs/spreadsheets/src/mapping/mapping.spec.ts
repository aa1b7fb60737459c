import type { SheetRow } from '../cells/cell.js';
import { columnSchema } from '../template/template.js';
import { autoMap } from './auto-map.js';
import { findHeaderRow, sourceColumns } from './header-row.js';

const columns = [
  columnSchema.parse({ name: 'email', type: 'email', header: 'E-mail address', aliases: ['Mail'] }),
  columnSchema.parse({ name: 'first_name', type: 'string' }),
  columnSchema.parse({ name: 'quantity', type: 'integer' }),
];
const row = (number: number, ...texts: string[]): SheetRow => ({
  number,
  cells: texts.map((text) => (text === '' ? undefined : { kind: 'text', text })),
});

it('finds the header below titles and notes', () => {
  const rows = [
    row(1, 'Customers 2026'),
    row(3, '', 'as of January'),
    row(5, 'First name', 'Mail', 'Qty'),
    row(6, 'Ada', 'ada@x.org', '1'),
  ];
  expect(findHeaderRow(rows, columns, '1900')?.number).toBe(5);
  expect(findHeaderRow(rows, [], '1900')?.number).toBe(5);
  expect(findHeaderRow([], columns, '1900')).toBeUndefined();
});

it('names columns that have no name, and those that have the same', () => {
  const header = row(1, 'a', '', 'a');
  expect(sourceColumns(header, [row(2, 'x', 'y', 'z')], '1900')).toEqual([
    { at: 0, header: 'a' },
    { at: 1, header: 'Column B' },
    { at: 2, header: 'a (2)' },
  ]);
});

const map = (headers: string[], fit = () => 1) =>
  autoMap(
    columns,
    headers.map((header, at) => ({ at, header })),
    fit,
  ).map(({ column, header, confidence }) => [column, header, confidence] as const);

it('maps by name, alias and likeness, each column once', () => {
  expect(map(['MAIL', 'FirstName', 'Quantity (pcs)', 'Notes'])).toEqual([
    ['email', 'MAIL', 1],
    ['first_name', 'FirstName', 0.95],
    ['quantity', 'Quantity (pcs)', expect.closeTo(0.79, 1)],
  ]);
  expect(map(['Email', 'Mail'])).toEqual([['email', 'Email', 1]]);
  expect(map(['Quantitie'], () => 0)).toEqual([]);
  expect(map(['Import errors', 'Import row'])).toEqual([]);
});
