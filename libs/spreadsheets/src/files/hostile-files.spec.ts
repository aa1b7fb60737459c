import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { sharedStrings, workbookOf, writeZip } from '../../e2e/zip.js';
import type { FileFacts } from '../process/requests.js';
import { SheetProcess } from '../process/sheet-process.js';
import { openWorkbook } from './open-workbook.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

let count = 0;
const newPath = (ending = 'xlsx'): string => join(folder, `${(count += 1)}.${ending}`);

async function written(parts: Parameters<typeof writeZip>[1]): Promise<string> {
  const path = newPath();
  await writeZip(path, parts);
  return path;
}

/** Opens, inspects and reads the first sheet; the number of rows that came. */
async function readAll(path: string): Promise<number> {
  const workbook = await openWorkbook(path);
  try {
    const [sheet] = await workbook.inspect();
    let rows = 0;
    for await (const _ of workbook.rows(sheet!.name)) rows += 1;
    return rows;
  } finally {
    workbook.close();
  }
}

const inspected = (path: string, options = {}) => SheetProcess.start(options).ask<FileFacts>({ type: 'inspect', path });

describe('a workbook that wants too much', () => {
  it('is refused when it is a zip bomb, before it is inflated', async () => {
    const zeros = Buffer.alloc(1024 * 1024, ' ');
    const bomb = Readable.from(
      (function* () {
        yield '<worksheet><sheetData>';
        for (let i = 0; i < 200; i += 1) yield zeros;
      })(),
    );
    const path = await written(workbookOf(bomb));
    expect((await readFile(path)).length).toBeLessThan(1024 * 1024);
    await expect(readAll(path)).rejects.toThrow(/zip bomb/);
  });

  it('is refused when a part inflates to more than it declares', async () => {
    const path = await written(workbookOf(`<row r="1"><c r="A1"><v>1</v></c></row>${' '.repeat(100_000)}`));
    const bytes = await readFile(path);
    const size = Buffer.alloc(4);
    for (let at = bytes.indexOf('PK\u0001\u0002'); at >= 0; at = bytes.indexOf('PK\u0001\u0002', at + 4)) {
      size.writeUInt32LE(bytes.readUInt32LE(at + 24) > 50_000 ? 1_000 : bytes.readUInt32LE(at + 24));
      size.copy(bytes, at + 24);
    }
    await writeFile(path, bytes);
    await expect(readAll(path)).rejects.toThrow(/damaged/);
  });

  it('is refused when a text of a megabyte is used four thousand times', async () => {
    const cells = Array.from(
      { length: 4_000 },
      (_, i) => `<row r="${i + 1}"><c r="A${i + 1}" t="s"><v>0</v></c></row>`,
    );
    const strings = sharedStrings(`<si><t>${'x'.repeat(1024 * 1024)}</t></si>`);
    const path = await written(workbookOf(cells.join(''), { 'xl/sharedStrings.xml': strings }));
    await expect(readAll(path)).rejects.toThrow(/32767 characters/);
  });

  it('uses no more memory for the last cell of Excel than for the first', async () => {
    const path = await written(workbookOf('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'));
    expect(await readAll(path)).toBe(1);
    const beyond = await written(workbookOf('<row r="1048577"><c r="A1048577"><v>1</v></c></row>'));
    await expect(readAll(beyond)).rejects.toThrow(/rows go from 1 to 1048576/);
    const wide = await written(workbookOf('<row r="1"><c r="XFE1"><v>1</v></c></row>'));
    await expect(readAll(wide)).rejects.toThrow(/columns go from A to XFD/);
  });

  it('is not believed what it says about its size', async () => {
    const xml =
      '<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>';
    const path = await written(workbookOf('', { 'xl/worksheets/sheet1.xml': xml }));
    expect((await inspected(path)).sheets).toMatchObject([{ name: 'Sheet', rows: 1 }]);
  });

  it('is refused with a DOCTYPE, in any of its parts', async () => {
    const doctype = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>';
    const sheet = `${doctype}<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&a;</v></c></row></sheetData></worksheet>`;
    await expect(readAll(await written(workbookOf('', { 'xl/worksheets/sheet1.xml': sheet })))).rejects.toThrow(
      /DOCTYPE/,
    );
    const strings = `${doctype}<sst><si><t>&a;</t></si></sst>`;
    await expect(readAll(await written(workbookOf('', { 'xl/sharedStrings.xml': strings })))).rejects.toThrow(
      /DOCTYPE/,
    );
    const entity = '<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>';
    await expect(readAll(await written(workbookOf(entity)))).rejects.toThrow(/not well-formed/);
  });

  it('is refused when it is nested too deeply, or has its rows and cells in the wrong places', async () => {
    const deep = '<a>'.repeat(100) + '</a>'.repeat(100);
    await expect(readAll(await written(workbookOf(deep)))).rejects.toThrow(/nested deeper/);
    const back = '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>';
    await expect(readAll(await written(workbookOf(back)))).rejects.toThrow(/row 1 behind row 2/);
    const other = '<row r="2"><c r="A7"><v>1</v></c></row>';
    await expect(readAll(await written(workbookOf(other)))).rejects.toThrow(/cell A7 in row 2/);
    const missing = '<row r="1"><c r="A1" t="s"><v>7</v></c></row>';
    await expect(readAll(await written(workbookOf(missing)))).rejects.toThrow(/shared text 7/);
  });

  it('is refused when its zip is cut off or altered', async () => {
    const path = await written(workbookOf('<row r="1"><c r="A1"><v>1</v></c></row>'.repeat(1)));
    const bytes = await readFile(path);
    const cut = newPath();
    await writeFile(cut, bytes.subarray(0, bytes.length - 30));
    await expect(readAll(cut)).rejects.toThrow(/damaged/);
    const none = newPath();
    await writeFile(none, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(5_000)]));
    await expect(readAll(none)).rejects.toThrow(/damaged/);
  });
});

it.each([
  ['<html><table></table></html>', /web page/],
  ['', /empty/],
  ['   \n', /empty/],
  ['%PDF-1.7 …', /PDF/],
  ['{"a": 1}', /JSON/],
  ['<?xml version="1.0"?><Workbook/>', /XML/],
  ['PK\u0003\u0004nothing', /damaged/],
  ['a\0b', /none that can be read/],
])('says what %j is instead', async (content, reason) => {
  const path = newPath('bin');
  await writeFile(path, content);
  await expect(readAll(path)).rejects.toThrow(reason);
});

it('refuses other zip archives by what they are', async () => {
  await expect(readAll(await written({ 'word/document.xml': '<a/>' }))).rejects.toThrow(/document/);
  await expect(readAll(await written({ mimetype: 'x', 'content.xml': '<a/>' }))).rejects.toThrow(/OpenDocument/);
  await expect(readAll(await written({ 'readme.txt': 'hello' }))).rejects.toThrow(/no workbook/);
});

describe('the process that reads', () => {
  const allocating = resolve('../shared/data/spreadsheets/OOM_alloc3.xls');
  (existsSync(allocating) ? it : it.skip)(
    'ends with the reason when an .xls asks for all memory, and nobody else notices',
    async () => {
      await expect(inspected(allocating, { heapMb: 96, memoryMb: 400, silenceMs: 30_000 })).rejects.toThrow(
        /cannot be read|needs more memory|longer than|damaged/,
      );
    },
  );

  it('is ended when it takes too much memory or too long', async () => {
    // Takes long enough for its memory to be looked at, however fast the machine is.
    const rows = Array.from({ length: 300_000 }, (_, i) => `<row r="${i + 1}"><c r="A${i + 1}"><v>${i}</v></c></row>`);
    const path = await written(workbookOf(rows.join('')));
    await expect(inspected(path, { memoryMb: 1 })).rejects.toThrow(/needs more memory/);
    await expect(inspected(path, { silenceMs: 1 })).rejects.toThrow(/took longer than/);
  });

  it('ends with whoever asked', async () => {
    const path = await written(workbookOf('<row r="1"><c r="A1"><v>1</v></c></row>'));
    const controller = new AbortController();
    const asked = inspected(path, { signal: controller.signal });
    controller.abort(new Error('cancelled by somebody'));
    await expect(asked).rejects.toThrow('cancelled by somebody');
  });
});
