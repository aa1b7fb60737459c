import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { spawnSync } from 'node:child_process';
import { draftName } from './draft-name.js';
import { LocalFileStorage } from './local-file-storage.js';

let folder: string;
let storage: LocalFileStorage;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'storage-'));
  storage = new LocalFileStorage(join(folder, 'files'), 1000);
  await writeFile(join(folder, 'secret'), 'not yours');
});
afterEach(() => rm(folder, { recursive: true }));

it('keeps a stream with its size and hash, and gives it back', async () => {
  const parts = [Buffer.from('buy,'), Buffer.from('sell\n')];
  const stored = await storage.put('uploads/a/fills.csv', Readable.from(parts));
  const sha256 = createHash('sha256').update(Buffer.concat(parts)).digest('hex');
  expect(stored).toEqual({ bytes: 9, sha256 });
  expect((await buffer(await storage.open('uploads/a/fills.csv'))).toString()).toBe('buy,sell\n');
  expect(await storage.stat('uploads/a/fills.csv')).toMatchObject({ bytes: 9 });
});

it('replaces a file as a whole: a reader of the old one reads it to its end', async () => {
  await storage.put('a', Buffer.from('old'));
  const reader = await storage.open('a');
  await storage.put('a', Buffer.from('new'));
  expect((await buffer(reader)).toString()).toBe('old');
  expect((await buffer(await storage.open('a'))).toString()).toBe('new');
});

it.each([
  '',
  '/',
  '../secret',
  'a/../../secret',
  '/etc/passwd',
  'a//b',
  'a/./b',
  '.incoming/x',
  'a\\b',
  'C:x',
  'a\0b',
  'ä',
])('refuses the key %j', async (key) => {
  await expect(storage.open(key)).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'storage_key' });
  await expect(storage.put(key, Buffer.from('x'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

it('keeps nothing of a file that is too large or breaks off', async () => {
  await storage.put('a', Buffer.from('old'));
  await expect(storage.put('a', Buffer.alloc(1001))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(storage.put('a', Buffer.alloc(11), { maxBytes: 10 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  async function* broken() {
    yield Buffer.from('half');
    throw new Error('connection lost');
  }
  await expect(storage.put('a', broken())).rejects.toThrow('connection lost');
  expect((await buffer(await storage.open('a'))).toString()).toBe('old');
  expect(await readdir(join(folder, 'files', '.incoming'))).toEqual([]);
});

it('renames a file over another one', async () => {
  await storage.put('incoming/1', Buffer.from('new'));
  await storage.put('b/c', Buffer.from('old'));
  await storage.move('incoming/1', 'b/c');
  expect((await buffer(await storage.open('b/c'))).toString()).toBe('new');
  await expect(storage.move('incoming/1', 'd')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(storage.move('b/c', '../d')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

it('says that a file is not there', async () => {
  await storage.put('a/b', Buffer.from('x'));
  for (const key of ['b', 'a', 'a/b/c']) {
    await expect(storage.open(key)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await storage.stat(key)).toBeUndefined();
    expect(await storage.delete(key)).toBe(false);
  }
  expect(await storage.delete('a/b')).toBe(true);
  expect(await storage.stat('a/b')).toBeUndefined();
});

it('gives a part of a file, and lists what is below a folder', async () => {
  await storage.put('a/b/c', Buffer.from('0123456789'));
  await storage.put('a/d', Buffer.from('x'));
  await storage.put('ab', Buffer.from('x'));
  expect((await buffer(await storage.open('a/b/c', { start: 2, end: 4 }))).toString()).toBe('234');
  expect((await buffer(await storage.open('a/b/c', { start: 7 }))).toString()).toBe('789');
  const listed = [];
  for await (const file of storage.list('a')) listed.push(file);
  expect(listed.map(({ key, bytes }) => [key, bytes]).sort()).toEqual([
    ['a/b/c', 10],
    ['a/d', 1],
  ]);
  expect(Date.now() - listed[0]!.modifiedAt.getTime()).toBeLessThan(60_000);
  for await (const file of storage.list('nothing')) throw new Error(file.key);
});

it('lists every file of large folders, however deep they are', async () => {
  const written: string[] = [];
  for (const below of ['a', 'a/b', 'a/b/c', 'a/d', 'a/d/e/f']) {
    await mkdir(join(folder, 'files', below), { recursive: true });
    for (let i = 0; i < 200; i++) {
      written.push(`${below}/${i}`);
      await writeFile(join(folder, 'files', below, String(i)), 'x');
    }
  }
  const listed: string[] = [];
  for await (const { key } of storage.list('a')) listed.push(key);
  expect(listed.sort()).toEqual(written.sort());
});

it('removes what processes that are gone have left half-written, and nothing else', async () => {
  const incoming = join(folder, 'files', '.incoming');
  await storage.put('a', Buffer.from('x'));
  const gone = String(spawnSync(process.execPath, ['-p', 'process.pid']).stdout).trim();
  const [host, , start, ...rest] = draftName().split('-');
  const [own, theirs, elsewhere] = [
    draftName(),
    [host, gone, start, ...rest].join('-'),
    ['other', gone, start, 'x'].join('-'),
  ];
  for (const name of [own, theirs, elsewhere]) await writeFile(join(incoming, name), 'half');
  expect(await storage.sweep()).toBe(1);
  expect((await readdir(incoming)).sort()).toEqual([own, elsewhere].sort());
  // Of another machine nobody can tell; after a day it is nobody's.
  expect(await storage.sweep(Date.now() + 25 * 3_600_000)).toBe(2);
  expect(await storage.stat('a')).toBeDefined();
});

it('lends a path under which a file can be read', async () => {
  await storage.put('a/b', Buffer.from('content'));
  expect(await storage.borrow('a/b', (path) => readFile(path, 'utf8'))).toBe('content');
  await expect(storage.borrow('a/c', async () => 'never')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
