import { utils, write } from '@e965/xlsx';
import type { JobFailure } from '@roundhouse/jobs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedStrings, workbookOf, writeZip } from '../../e2e/zip.js';
import { columnSchema } from '../template/template.js';
import { openSheet, rowsOf } from '../process/opened-sheet.js';
import { SheetProcess } from '../process/sheet-process.js';
import { openWorkbook } from './open-workbook.js';
import { Refusal } from './workbook/refusal.js';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
/** Not longer than this, however fast the machine. */
const forMs = 8_000;
/** Rounds that even a slow machine goes: of so many some are read and some refused. */
const fewest = 100;

/** mulberry32, by Tommy Ettinger (public domain). */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuzz-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const rows = Array.from({ length: 20 }, (_, i) => {
  const n = i + 1;
  return `<row r="${n}"><c r="A${n}" t="s"><v>${i % 3}</v></c><c r="B${n}"><v>${n * 1.5}</v></c><c r="C${n}" s="2"><v>${45_000 + n}</v></c><c r="D${n}" t="inlineStr"><is><t>text ${n}</t></is></c></row>`;
});
const strings = sharedStrings('<si><t>one</t></si><si><r><t>t</t></r><r><t>wo</t></r></si><si><t>_x0041_</t></si>');
const parts = workbookOf(rows.join(''), { 'xl/sharedStrings.xml': strings }) as Record<string, string>;

const pieces = [
  '<',
  '>',
  '"',
  '&',
  '\0',
  'ÿ',
  '<!DOCTYPE a>',
  '<row r="9">',
  '</c>',
  'r="ZZZZ9"',
  '99999999999',
  '-1',
  '&#0;',
  '_xD800_',
  '<![CDATA[',
  't="s"',
];

/** Changes, removes, doubles or inserts something, a few times. */
function mutated(bytes: Buffer, random: () => number): Buffer {
  let out = Buffer.from(bytes);
  const times = 1 + Math.floor(random() * 4);
  for (let n = 0; n < times; n += 1) {
    const at = Math.floor(random() * out.length);
    const length = Math.floor(random() * 40);
    const piece = Buffer.from(pieces[Math.floor(random() * pieces.length)]!);
    switch (Math.floor(random() * 5)) {
      case 0:
        out[at] = Math.floor(random() * 256);
        break;
      case 1:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
        break;
      case 2:
        out = Buffer.concat([out.subarray(0, at), out.subarray(at, at + length), out.subarray(at)]);
        break;
      case 3:
        out = Buffer.concat([out.subarray(0, at), piece, out.subarray(at)]);
        break;
      default:
        out = out.subarray(0, at);
    }
  }
  return out;
}

const template = {
  name: 'fuzz',
  target: 'fuzz',
  key: [],
  time_zone: 'UTC',
  columns: [columnSchema.parse({ name: 'one', type: 'string' }), columnSchema.parse({ name: 'text', type: 'date' })],
};

/** Reads everything there is; whatever is thrown must be a refusal. */
async function survives(path: string): Promise<'read' | 'refused'> {
  try {
    const workbook = await openWorkbook(path);
    const sheets = await workbook.inspect().finally(() => workbook.close());
    for (const { name } of sheets) {
      const choice = { path, facts: { type: workbook.type, sheets }, sheet: name, headerRow: 0 };
      const opened = await openSheet(choice, template);
      for await (const row of rowsOf(opened.workbook, name, choice)) expect(row.number).toBeGreaterThan(0);
      opened.workbook.close();
    }
    return 'read';
  } catch (error) {
    if (error instanceof Refusal) return 'refused';
    throw error;
  }
}

async function fuzz(mutation: (random: () => number, path: string) => Promise<void>): Promise<Record<string, number>> {
  const random = randomOf(seed);
  const outcomes: Record<string, number> = { read: 0, refused: 0 };
  const path = join(folder, 'mutated');
  const until = Date.now() + forMs;
  for (let n = 0; n < 400 && (n < fewest || Date.now() < until); n += 1) {
    await mutation(random, path);
    const outcome = await survives(path).catch(async (error: unknown) => {
      throw new Error(`seed ${seed}, round ${n}: ${(error as Error).stack}`, { cause: error });
    });
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}

describe(`mutated files are read or refused, and nothing else (seed ${seed})`, () => {
  it('the XML of a workbook', async () => {
    const names = Object.keys(parts);
    const outcomes = await fuzz(async (random, path) => {
      const name = names[Math.floor(random() * names.length)]!;
      await writeZip(path, { ...parts, [name]: mutated(Buffer.from(parts[name]!), random) });
    });
    expect(outcomes.refused).toBeGreaterThan(0);
  });

  it('the bytes of its archive', async () => {
    const whole = join(folder, 'whole.xlsx');
    await writeZip(whole, parts);
    const bytes = await readFile(whole);
    const outcomes = await fuzz((random, path) => writeFile(path, mutated(bytes, random)));
    expect(outcomes.refused).toBeGreaterThan(0);
  });

  it('CSV', async () => {
    const text = Buffer.from(
      ['one;text;three', ...Array.from({ length: 50 }, (_, i) => `"v ${i}";${i};"a ""b"" c"`)].join('\r\n'),
    );
    const outcomes = await fuzz((random, path) => writeFile(path, mutated(text, random)));
    expect(outcomes.read).toBeGreaterThan(0);
  });

  // In the process that files are read in: it is what stops an .xls that asks for all memory or never ends.
  it('the bytes of an .xls', async () => {
    const table = utils.aoa_to_sheet([
      ['one', 'text', 'three'],
      ...Array.from({ length: 40 }, (_, i) => [`v ${i % 7}`, i * 1.5, new Date(Date.UTC(2026, 0, 1 + i))]),
    ]);
    const book = utils.book_new(table, 'Sheet');
    const whole = Buffer.from(write(book, { type: 'buffer', bookType: 'biff8' }));
    const random = randomOf(seed);
    const path = join(folder, 'mutated.xls');
    const outcomes: Record<string, number> = { read: 0, INVALID_INPUT: 0 };
    const until = Date.now() + forMs;
    for (let n = 0; n < 100 && (n < 5 || Date.now() < until); n += 1) {
      await writeFile(path, mutated(whole, random));
      const limited = { heapMb: 96, memoryMb: 512, silenceMs: 20_000 };
      const outcome = await SheetProcess.start(limited)
        .ask({ type: 'inspect', path })
        .then(() => 'read')
        .catch((error: JobFailure) => error.code ?? String(error));
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    expect([seed, Object.keys(outcomes)]).toEqual([seed, ['read', 'INVALID_INPUT']]);
  });
});
