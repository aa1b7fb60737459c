import type { Cell, SheetRow } from '../cells/cell.js';
import { templateSchema } from '../template/template.js';
import { KeySet } from './key-set.js';
import { RowReader } from './row-reader.js';
import { typedValues } from './typed-values.js';

const template = (columns: object[], more: object = {}) =>
  templateSchema.parse({ name: 't', target: 't', columns, ...more });

const text = (value: string): Cell => ({ kind: 'text', text: value });
const number = (value: string, format?: 'date' | 'datetime'): Cell => ({
  kind: 'number',
  text: value,
  ...(format && { format }),
});

function read(columns: object[], rows: (Cell | undefined)[][], more: object = {}) {
  const parsed = template(columns, more);
  const mapping = new Map(parsed.columns.map(({ name }, at) => [name, at]));
  const reader = new RowReader(parsed, mapping, { dateSystem: '1900', timeZone: parsed.time_zone });
  return rows.map((cells, i): unknown => {
    const reading = reader.read({ number: i + 2, cells } satisfies SheetRow);
    return 'good' in reading
      ? typedValues(parsed.columns, reading.good.values)
      : reading.errors.map(({ column, rule }) => `${column} ${rule}`);
  });
}

it('reads every type, from numbers and from texts', () => {
  const columns = [
    { name: 'a', type: 'integer' },
    { name: 'b', type: 'decimal', decimal: ',' },
    { name: 'c', type: 'boolean' },
    { name: 'd', type: 'date' },
    { name: 'e', type: 'datetime' },
    { name: 'f', type: 'email' },
    { name: 'g', type: 'enum', values: ['New', 'Used'] },
    { name: 'h', type: 'string', transform: ['collapse', 'title'] },
  ];
  const numbers = [
    number('7'),
    number('1.1000000000000001'),
    { kind: 'boolean', text: 'TRUE' } as Cell,
    number('44197', 'date'),
    number('44197.5', 'datetime'),
    text('Ada@Example.COM'),
    text(' new '),
    text('ada  lovelace'),
  ];
  const texts = [
    text('1.234'),
    text('1.234,5'),
    text('nein'),
    text('2021-01-01'),
    text('2021-01-01T12:00:00+01:00'),
    undefined,
    undefined,
    number('12'),
  ];
  expect(read(columns, [numbers], { time_zone: 'Europe/Vienna' })).toEqual([
    {
      a: 7,
      b: 1.1,
      c: true,
      d: '2021-01-01',
      e: '2021-01-01T11:00:00Z',
      f: 'Ada@example.com',
      g: 'New',
      h: 'Ada Lovelace',
    },
  ]);
  const dotted = columns.map((column) => (column.name === 'a' ? { ...column, decimal: ',' } : column));
  expect(read(dotted, [texts])).toEqual([
    { a: 1234, b: 1234.5, c: false, d: '2021-01-01', e: '2021-01-01T11:00:00Z', h: '12' },
  ]);
});

it('names every rule that is broken', () => {
  const columns = [
    { name: 'a', type: 'integer', required: true, rule: { min: 1, max: 9 } },
    { name: 'b', type: 'string', rule: { min_length: 2, max_length: 3, pattern: '[a-z]+', unique: true } },
    { name: 'c', type: 'date', rule: { not_before: '2020-01-01' } },
    { name: 'd', type: 'enum', values: ['x'], default: 'x' },
  ];
  expect(
    read(columns, [
      [undefined, text('abcd'), text('2019-12-31'), text('y')],
      [text('x'), text('AB'), text('yesterday'), undefined],
      [number('10'), text('abc'), number('44197'), undefined],
      [number('1.5'), text('abc'), { kind: 'error', text: '#N/A' }, { kind: 'uncalculated', text: '' }],
      [number('2'), text('xyz'), undefined, undefined],
    ]),
  ).toEqual([
    ['a required', 'b length', 'c range', 'd enum'],
    ['a type', 'b pattern', 'c type'],
    ['a range', 'c type'],
    ['a type', 'b unique', 'c cell_error', 'd uncalculated'],
    { a: 2, b: 'xyz', d: 'x' },
  ]);
});

it('finds a key that comes twice, of several columns as well', () => {
  const columns = ['a', 'b'].map((name) => ({ name, type: 'string', required: true }));
  const rows = [
    [text('1'), text('2')],
    [text('12'), text('')],
    [text('1'), text('2')],
    [text('1'), text('3')],
  ];
  expect(read(columns, rows, { key: ['a', 'b'] })).toEqual([
    { a: '1', b: '2' },
    ['b required'],
    ['a key'],
    { a: '1', b: '3' },
  ]);
});

it('remembers many keys', () => {
  const keys = new KeySet(16);
  for (let i = 0; i < 50_000; i += 1) expect(keys.add(`key ${i}`, i + 1)).toBeUndefined();
  for (let i = 0; i < 50_000; i += 997) expect(keys.add(`key ${i}`, 1)).toBe(i + 1);
});

it('matches patterns in time that goes with the text alone, and refuses those that it cannot', () => {
  const column = (pattern: string) => ({ name: 'a', type: 'string', rule: { pattern } });
  // Backtracking engines take longer than the age of the universe for this.
  const hostile = '(x+x+)+y';
  const texts = [text('x'.repeat(1_000)), text('x'.repeat(999) + 'y'), text('x'.repeat(1_001))];
  const results = read(
    [column(hostile)],
    texts.map((cell) => [cell]),
  );
  expect(results).toEqual([['a pattern'], { a: `${'x'.repeat(999)}y` }, ['a pattern']]);
  for (const [pattern, reason] of [
    ['(?=a)b', '(?='],
    ['(a)\\1', '\\1'],
    ['(?:[a-z]{1,50}){1,20}', 'repetitions are too many'],
    ['(', 'missing closing'],
  ]) {
    const { error } = templateSchema.safeParse({ name: 't', target: 't', columns: [column(pattern!)] });
    expect(error?.issues[0]).toMatchObject({
      path: ['columns', 0, 'rule', 'pattern'],
      message: expect.stringContaining(reason!),
    });
  }
});

it('refuses templates that cannot be kept', () => {
  const faults = (value: object) => templateSchema.safeParse(value).error?.issues.map(({ path }) => path.join('.'));
  const column = { name: 'a', type: 'string', required: true };
  const base = { name: 't', target: 't', columns: [column] };
  expect(faults({ ...base, columns: [column, column] })).toEqual(['columns']);
  expect(faults({ ...base, key: ['b'] })).toEqual(['key.0']);
  expect(faults({ ...base, columns: [{ ...column, required: false }], key: ['a'] })).toEqual(['key.0']);
  expect(
    faults({
      ...base,
      columns: [
        { name: 'a', type: 'enum' },
        { name: 'b', type: 'reference' },
      ],
    }),
  ).toEqual(['columns.0.values', 'columns.1.target']);
  expect(faults({ ...base, target: 'Bad Name', time_zone: 'Mars' })).toEqual(['target', 'time_zone']);
  expect(faults({ ...base, columns: [{ ...column, rule: { pattern: '(' } }] })).toEqual(['columns.0.rule.pattern']);
});
