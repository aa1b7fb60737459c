import { createTestDatabase, type TestDatabase } from '@roundhouse/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { binaryArray, isBinaryType, type BinaryType } from './binary-array.js';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client(database.url);
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

async function read(type: BinaryType, values: readonly unknown[]): Promise<unknown[]> {
  const { rows } = await client.query(`select a from unnest($1::${type}[]) with ordinality as u(a, n) order by n`, [
    binaryArray(type, values),
  ]);
  return rows.map(({ a }) => a);
}

const ids = Array.from({ length: 300 }, () => randomUUID());

it.each<[BinaryType, unknown[]]>([
  ['uuid', ids],
  ['uuid', ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', null]],
  ['text', ['', 'ä€😀', '{"a", NULL}', 'NULL', '\\', null, "'; drop table"]],
  ['bytea', [Buffer.alloc(0), randomBytes(3_000), null, Buffer.from([0, 255, 92])]],
  ['integer', [0, -1, 2 ** 31 - 1, -(2 ** 31), null]],
  ['smallint', [0, -(2 ** 15), 2 ** 15 - 1]],
  ['float8', [0, -0.1, 1e300, Number.MIN_VALUE, Infinity, null]],
  ['boolean', [true, false, null]],
  ['text', [null, null]],
  ['integer', []],
])('PostgreSQL reads an array of %s as it was', async (type, values) => {
  expect(await read(type, values)).toEqual(values);
});

it('takes capitals in ids, and bytes that are no Buffer', async () => {
  expect(await read('uuid', [ids[0]?.toUpperCase()])).toEqual([ids[0]]);
  expect(await read('bytea', [new Uint8Array([1, 2])])).toEqual([Buffer.from([1, 2])]);
});

it('takes what is left out for null', async () => {
  expect(await read('text', [undefined, 'x'])).toEqual([null, 'x']);
});

it('knows what it cannot write', () => {
  expect(isBinaryType('jsonb')).toBe(false);
  expect(() => binaryArray('integer', [2 ** 31])).toThrow('out of range');
});
