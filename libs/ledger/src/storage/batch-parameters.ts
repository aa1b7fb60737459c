import { binaryArray, isBinaryType } from './binary-array.js';

/**
 * Parameters of a statement about many rows. A column is sent as an array, or as one value when it is alike in all rows: most columns of a batch
 * are, and an array costs both sides for every element.
 */
export class BatchParameters {
  readonly values: unknown[] = [];
  private readonly arrays: { name: string; source: string }[] = [];

  /** A column of its own in any case; the first one says how many rows there are. */
  array(name: string, type: string, values: readonly unknown[]): string {
    this.arrays.push({ name, source: this.add(type, encodeArray(type, values), '[]') });
    return `u.${name}`;
  }

  /** @returns the SQL of the row's value */
  column(name: string, type: string, values: readonly unknown[]): string {
    const [first] = values;
    return values.every((value) => value === first) ? this.add(type, first, '') : this.array(name, type, values);
  }

  /** One value for the whole statement. */
  single(type: string, value: unknown): string {
    return this.add(type, value, '');
  }

  /** The rows, for `from`; their alias is `u`. */
  get source(): string {
    return `unnest(${this.arrays.map((a) => a.source).join(', ')}) as u(${this.arrays.map((a) => a.name).join(', ')})`;
  }

  private add(type: string, value: unknown, suffix: '' | '[]'): string {
    this.values.push(value);
    return `$${this.values.length}::${type}${suffix}`;
  }
}

const encodeArray = (type: string, values: readonly unknown[]): unknown =>
  isBinaryType(type) ? binaryArray(type, values) : values;
