import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkFolder } from './work-folder.js';

let root: string;
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'work-'))));
afterEach(() => rm(root, { recursive: true }));

it('gives a task a folder and takes it away, also when the task fails', async () => {
  const work = new WorkFolder(root);
  const seen = await work.use(async (folder) => {
    await writeFile(join(folder, 'image'), 'x');
    return readdir(folder);
  });
  expect(seen).toEqual(['image']);
  await expect(work.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await readdir(join(root, String(process.pid)))).toEqual([]);
  await work.remove();
  expect(await readdir(root)).toEqual([]);
});

it('sweeps what dead processes have left and nothing else', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  const dead = String(child.pid);
  await once(child, 'exit');
  for (const name of [dead, String(process.ppid), 'something-else']) {
    await mkdir(join(root, name));
    await writeFile(join(root, name, 'left'), 'x');
  }
  expect(await new WorkFolder(root).sweep()).toBe(1);
  expect((await readdir(root)).sort()).toEqual([String(process.ppid), 'something-else'].sort());
  expect(await new WorkFolder(join(root, 'none')).sweep()).toBe(0);
});
