import { mkdtemp, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openWorkbook } from '../files/open-workbook.js';
import { SheetProcess } from '../process/sheet-process.js';
import { csvValue } from './csv-writer.js';
import { sheetName } from './sheet-name.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'export-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

it.each([
  ['=1+1', 'string', "'=1+1"],
  ['+1', 'string', "'+1"],
  ['-5', 'integer', '-5'],
  ['-5 apples', 'string', "'-5 apples"],
  ['@SUM(A1)', 'string', "'@SUM(A1)"],
  ['\tx', 'string', "'\tx"],
  ['-1+cmd', 'decimal', "'-1+cmd"],
  ['a;b', 'string', '"a;b"'],
  ['say "hi"', 'string', '"say ""hi"""'],
  ['plain', 'string', 'plain'],
] as const)('writes %j (%s) to CSV as %s', (value, type, expected) => {
  const written = csvValue(value, { type }, ';');
  expect(written).toBe(expected);
});

it('goes on in further sheets, each with the header, when one is full', async () => {
  const path = join(folder, 'many.xlsx');
  const request = {
    type: 'write' as const,
    format: 'xlsx' as const,
    name: 'A/B: rows?',
    columns: [
      { header: 'n', type: 'integer' as const },
      { header: 'text', type: 'string' as const },
    ],
    delimiter: ',',
    timeZone: 'UTC',
    maxRows: 1_001,
  };
  async function* batches() {
    for (let i = 0; i < 2_500; i += 500)
      yield JSON.stringify(Array.from({ length: 500 }, (_, n) => [String(i + n), `_x0041_ & <${i + n}>\u0001`]));
  }
  let written = { rows: 0, sheets: 0 };
  await pipeline(
    SheetProcess.start().write(request, batches(), (done) => (written = done)),
    createWriteStream(path),
  );
  expect(written).toEqual({ rows: 2_500, sheets: 3 });
  const workbook = await openWorkbook(path);
  const facts = await workbook.inspect();
  expect(facts.map(({ name, rows }) => [name, rows])).toEqual([
    ['A B rows', 1_001],
    ['A B rows 2', 1_001],
    ['A B rows 3', 501],
  ]);
  const rows = [];
  for await (const row of workbook.rows('A B rows 3')) rows.push(row.cells.map((cell) => cell?.text));
  expect(rows[0]).toEqual(['n', 'text']);
  expect(rows.at(-1)).toEqual(['2499', '_x0041_ & <2499>\u0001']);
  workbook.close();
});

it('gives sheets names that Excel takes', () => {
  expect([sheetName("'quoted'", 1), sheetName('x'.repeat(40), 12), sheetName('[]:*?', 1)]).toEqual([
    'quoted',
    `${'x'.repeat(28)} 12`,
    'Sheet',
  ]);
});
