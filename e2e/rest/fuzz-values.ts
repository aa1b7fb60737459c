/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A JSON schema as the OpenAPI document has them. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  minimum?: number;
  maximum?: number;
}

/** What somebody sends who means no good, or knows no better; `Raw` stands in the JSON as it is. */
export class Raw {
  constructor(readonly text: string) {}
}

const hostile: unknown[] = [
  null,
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '💥'.repeat(50),
  'x'.repeat(5_000),
  '../../etc/passwd',
  "'; drop table ledger.jobs; --",
  '%',
  '\\',
  'NaN',
  'true',
  '__proto__',
  '00000000-0000-0000-0000-000000000000',
  '2026-02-30T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999+14:00',
  '9223372036854775808',
  true,
  0,
  -1,
  0.5,
  1e-300,
  1e308,
  2_147_483_648,
  Number.MAX_SAFE_INTEGER,
  new Raw('9007199254740993'),
  new Raw('1e400'),
  new Raw(`${'['.repeat(90)}${']'.repeat(90)}`),
  [],
  {},
  [[]],
  [null],
  { '': '' },
  { 'a\0': 1 },
  Array.from({ length: 1_001 }, () => 0),
];

/** Makes requests: mostly as a schema says, with some places as it does not. */
export class Fuzz {
  constructor(
    readonly random: () => number,
    private readonly resolve: (reference: string) => Schema,
    /** Ids and names of what there is, by the path under which it was made. */
    private readonly known: Map<string, string[]>,
  ) {}

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)] as T;
  }

  /** @param wrongness share of the places that are not as the schema says */
  value(schema: Schema, wrongness: number, depth = 0): unknown {
    if (this.random() < wrongness) return this.pick(hostile);
    if (schema.$ref) return this.value(this.resolve(schema.$ref), wrongness, depth);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return this.value(this.pick(choices), wrongness, depth);
    if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => this.value(part, wrongness, depth)));
    if ('const' in schema) return schema.const;
    if (schema.enum) return this.pick(schema.enum);
    return this.ofType(schema, wrongness, depth);
  }

  private ofType(schema: Schema, wrongness: number, depth: number): unknown {
    const type = [schema.type ?? (schema.properties ? 'object' : 'string')].flat()[0];
    if (type === 'object') return this.object(schema, wrongness, depth);
    if (type === 'array') return depth > 6 ? [] : [this.value(schema.items ?? {}, wrongness, depth + 1)];
    if (type === 'boolean') return this.random() < 0.5;
    if (type === 'null') return null;
    if (type === 'integer' || type === 'number') return this.number(schema);
    return this.text(schema);
  }

  private object({ properties = {}, required = [] }: Schema, wrongness: number, depth: number): object {
    const names = Object.keys(properties).filter(
      (name) => required.includes(name) || (depth < 4 && this.random() < 0.5),
    );
    return Object.fromEntries(names.map((name) => [name, this.value(properties[name] ?? {}, wrongness, depth + 1)]));
  }

  private number({ minimum = 0, maximum = 100, type }: Schema): number {
    const value = this.pick([minimum, maximum, minimum + (maximum - minimum) * this.random()]);
    return [type].flat().includes('integer') ? Math.floor(value) : value;
  }

  private text({ format }: Schema): string {
    if (format === 'date-time') return this.pick(['2026-01-31T08:00:00Z', '2036-01-31T08:00:00+01:00']);
    if (format === 'date') return '2026-01-31';
    if (format === 'uuid') return this.id();
    return this.pick([
      'platform.probe',
      'a',
      'UTC',
      '0 8 * * *',
      '2026-01-31',
      'https://example.com/x',
      '1.5',
      this.id(),
    ]);
  }

  id(from?: string): string {
    const ids = (from ? this.known.get(from) : undefined) ?? [...this.known.values()].flat();
    return this.pick(ids.length > 0 ? ids.slice(-10) : ['0199b7a0-0000-7000-8000-000000000000']);
  }

  /** A segment of a path, encoded, mostly of something that there is. @param from the path before it */
  segment(from: string): string {
    if (this.random() < 0.8) return encodeURIComponent(this.id(from));
    const text = this.pick(hostile.filter((value) => typeof value === 'string' && value !== '')) as string;
    return encodeURIComponent(text.toWellFormed()).slice(0, 300).replace(/%.?$/, '').replaceAll(/^\.+$/g, 'dots');
  }
}

/** As JSON, with what is `Raw` as it is. */
export function toText(value: unknown): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(toText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${toText(item)}`)
    .join(',')}}`;
}
