import { existsSync } from 'node:fs';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import fc from 'fast-check';
import { JobFailure } from '@roundhouse/jobs';
import { CsvBars } from './csv-bars.js';

const never = new AbortController().signal;
const all = ['0000-01-01', '9999-12-31'] as const;
const real = resolve(import.meta.dirname, '../../../../../shared/data/market');
const HEADER = 'date,open,high,low,close,volume\n';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bars-'));
  await mkdir(join(root, 'a'));
  await mkdir(join(root, 'b'));
});
afterEach(() => rm(root, { recursive: true }));

const folders = (): string => [join(root, 'a'), join(root, 'b')].join(delimiter);
const put = (path: string, text: string): Promise<void> => writeFile(join(root, path), text);

describe('CsvBars', () => {
  it('reads bars of the window in order, from the first folder that has the symbol', async () => {
    await put('a/AAPL.csv', `${HEADER}2026-01-06,2,3,1,2,20\n2026-01-05,1,2,0.5,1.5,10\n2025-12-31,1,1,1,1,1\n`);
    await put('b/AAPL.csv', `${HEADER}2026-01-05,9,9,9,9,9\n`);
    await put('b/msft.csv', `${HEADER}2026-01-05,9,9,9,9,9\n`);
    const source = new CsvBars({ folders: folders() });
    expect(await source.dailyBars('AAPL', '2026-01-01', '2026-01-31', never)).toEqual({
      symbol: 'AAPL',
      bars: [
        { date: '2026-01-05', open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 },
        { date: '2026-01-06', open: 2, high: 3, low: 1, close: 2, volume: 20 },
      ],
      splits: [],
      adjusted: false,
      source: 'csv',
      problems: [],
    });
    expect((await source.dailyBars('MSFT', ...all, never))!.bars).toHaveLength(1);
  });

  it('takes other column orders, further columns, US dates and files without volume', async () => {
    await put('a/X.csv', '\ufeffClose,Adj Close,Low,High,Open,Date\r\n1.5,1.4,1,2,1,1/5/2026\r\n');
    const series = await new CsvBars({ folders: folders(), adjusted: true }).dailyBars('X', ...all, never);
    expect(series).toMatchObject({ adjusted: true, problems: [] });
    expect(series!.bars).toEqual([{ date: '2026-01-05', open: 1, high: 2, low: 1, close: 1.5, volume: 0 }]);
  });

  it('leaves out days that cannot be right and says which', async () => {
    const rows = [
      '2026-02-30,1,2,1,1,1',
      '2026-01-05,1,x,1,1,1',
      '2026-01-06,1,1,2,1,1',
      '2026-01-07,0,1,1,1,1',
      'soon,1,1,1,1,1',
      '2026-01-08',
    ];
    await put('a/X.csv', `${HEADER}${rows.join('\n')}\n2026-01-09,1,2,1,1,1\n`);
    const series = await new CsvBars({ folders: folders() }).dailyBars('X', ...all, never);
    expect(series!.bars.map(({ date }) => date)).toEqual(['2026-01-09']);
    expect(series!.problems).toHaveLength(6);
    expect(series!.problems[1]).toContain('X.csv line 3');
  });

  it('has nothing for a symbol without a file or without bars in the window', async () => {
    await put('a/X.csv', HEADER);
    const source = new CsvBars({ folders: folders() });
    await expect(source.dailyBars('NOPE', ...all, never)).resolves.toBeUndefined();
    await expect(source.dailyBars('X', ...all, never)).resolves.toBeUndefined();
  });

  it('never leaves its folders', async () => {
    await put('secret.csv', `${HEADER}2026-01-05,1,2,1,1,1\n`);
    await put('a/BTC-USD.csv', `${HEADER}2026-01-05,1,2,1,1,1\n`);
    const source = new CsvBars({ folders: folders() });
    for (const symbol of [
      '../secret',
      '..\\secret',
      `${root}/secret`,
      '..%2fsecret',
      'a/../../secret',
      '../secret.csv\0',
      '',
      '.',
      '..',
    ])
      await expect(source.dailyBars(symbol, ...all, never)).resolves.toBeUndefined();
    expect((await source.dailyBars('BTC/USD', ...all, never))!.bars).toHaveLength(1);
  });

  it('says what is wrong with a file or a folder', async () => {
    await put('a/X.csv', 'date,open,high,low\n2026-01-05,1,2,1\n');
    await put('a/Y.csv', `${HEADER}"2026-01-05,1,2,1,1,1\n`);
    await mkdir(join(root, 'a', 'Z.csv'));
    const source = new CsvBars({ folders: folders() });
    await expect(source.dailyBars('X', ...all, never)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('no column close'),
    });
    await expect(source.dailyBars('Y', ...all, never)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(source.dailyBars('Z', ...all, never)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const missing = new CsvBars({ folders: join(root, 'nowhere') });
    await expect(missing.dailyBars('X', ...all, never)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  it('throws nothing but JobFailures, whatever is in the file', async () => {
    const source = new CsvBars({ folders: folders() });
    const content = fc.oneof(
      fc.string(),
      fc.string().map((text) => HEADER + text),
      fc.array(fc.constantFrom('"', ',', '\n', '1', '2026-01-05', '-')).map((all) => HEADER + all.join('')),
    );
    const property = fc.asyncProperty(content, async (text) => {
      await put('a/F.csv', text);
      const error = await source.dailyBars('F', ...all, never).catch((e: unknown) => e);
      expect(!(error instanceof Error) || error instanceof JobFailure).toBe(true);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  (existsSync(real) ? it : it.skip)('reads real bars', async () => {
    const source = new CsvBars({ folders: real });
    const series = await source.dailyBars('DEFAULT', ...all, never);
    expect(series!.problems).toEqual([]);
    expect(series!.bars).toHaveLength(502);
    expect(series!.bars[0]).toEqual({
      date: '2017-01-03',
      open: 212.61,
      high: 213.35,
      low: 211.52,
      close: 212.8,
      volume: 96708880,
    });
    const msft = await source.dailyBars('MSFT', '1990-01-01', '1990-01-31', never);
    expect(msft!.problems).toEqual([]);
    expect(msft!.bars[0]).toMatchObject({ date: '1990-01-02', close: 0.385 });
  });
});
