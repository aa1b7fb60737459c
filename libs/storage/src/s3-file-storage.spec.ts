import { startTestS3, type TestS3 } from '@roundhouse/testing';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { S3FileStorage } from './s3-file-storage.js';
import { s3Place } from './s3-place.js';

let s3: TestS3;
let storage: S3FileStorage;

beforeAll(async () => {
  s3 = await startTestS3();
  storage = new S3FileStorage(s3Place(s3.url('of/tests')), 20 * 1024 * 1024, s3.client);
});
afterAll(() => s3?.stop());

const contentOf = async (key: string) => buffer(await storage.open(key));

it('keeps a stream of several parts with its size and hash, and gives back all or a part of it', async () => {
  const content = randomBytes(12 * 1024 * 1024);
  const parts = Array.from({ length: 12 }, (_, i) => content.subarray(i * 1024 * 1024, (i + 1) * 1024 * 1024));
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(await storage.put('mesh/large', Readable.from(parts))).toEqual({ bytes: content.length, sha256 });
  expect((await contentOf('mesh/large')).equals(content)).toBe(true);
  const part = await buffer(await storage.open('mesh/large', { start: 7_000_000, end: 7_000_009 }));
  expect(part.equals(content.subarray(7_000_000, 7_000_010))).toBe(true);
  expect(await storage.stat('mesh/large')).toMatchObject({ bytes: content.length });
  const borrowed = await storage.borrow('mesh/large', async (path) => (await readFile(path)).length);
  expect(borrowed).toBe(content.length);
});

it('moves, lists and removes', async () => {
  for (const key of ['list/a', 'list/b/c', 'listed']) await storage.put(key, Buffer.from(key));
  await storage.move('list/a', 'list/d');
  const listed = [];
  for await (const { key, bytes } of storage.list('list')) listed.push([key, bytes]);
  expect(listed.sort()).toEqual([
    ['list/b/c', 8],
    ['list/d', 6],
  ]);
  expect((await contentOf('list/d')).toString()).toBe('list/a');
  expect(await storage.delete('list/d')).toBe(true);
  expect(await storage.delete('list/d')).toBe(false);
});

it('says that a file is not there, and keeps nothing that is too large or has a bad key', async () => {
  const notFound = { code: 'NOT_FOUND', field: 'storage_key' };
  await expect(storage.open('nothing')).rejects.toMatchObject(notFound);
  await expect(storage.move('nothing', 'x')).rejects.toMatchObject(notFound);
  expect(await storage.stat('nothing')).toBeUndefined();
  const tooLarge = storage.put('big', Readable.from([Buffer.alloc(11)]), { maxBytes: 10 });
  await expect(tooLarge).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(await storage.stat('big')).toBeUndefined();
  await expect(storage.put('../big', Buffer.from('x'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

it.each([['http://bucket/x'], ['s3://'], ['s3://bucket?endpoint=host:9000'], ['bucket']])(
  'refuses %s as a place',
  (text) => {
    expect(() => s3Place(text)).toThrow();
  },
);
