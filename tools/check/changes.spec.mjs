import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changedFiles, filesOfTree } from './changes.mjs';

describe('what has changed', () => {
  let root;
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const write = (path, text = path) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const commit = (message) => git('add', '-A') + git('commit', '-m', message);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'changes-'));
    git('init', '-b', 'main');
    for (const name of ['kept', 'edited', 'removed', 'renamed', 'staged'])
      write(`src/${name}.ts`, `${name}\n`.repeat(9));
    write('.gitignore', 'dist/\n');
    commit('first');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('nothing', async () => {
    expect(await changedFiles(root)).toMatchObject({ present: [], gone: [] });
  });

  test('committed on a branch, staged, not staged and not known to git: all together', async () => {
    git('checkout', '-b', 'branch');
    write('src/committed.ts');
    git('mv', 'src/renamed.ts', 'src/new-name.ts');
    commit('second');
    rmSync(join(root, 'src/removed.ts'));
    write('src/edited.ts', 'other');
    write('src/staged.ts', 'other');
    git('add', 'src/staged.ts');
    write('src/wörter & more.ts');
    write('dist/ignored.ts');
    const { present, gone } = await changedFiles(root);
    expect(present).toEqual(
      ['committed', 'edited', 'new-name', 'staged', 'wörter & more'].map((name) => `src/${name}.ts`),
    );
    expect(gone).toEqual(['src/removed.ts', 'src/renamed.ts']);
    expect((await filesOfTree(root)).sort()).toEqual(['.gitignore', 'src/kept.ts', ...present].sort());
  });

  test('only since the branch left the default branch, or since what is named', async () => {
    git('checkout', '-b', 'branch');
    write('src/own.ts');
    commit('own');
    git('checkout', 'main');
    write('src/of-main.ts');
    commit('of main');
    git('checkout', 'branch');
    expect((await changedFiles(root)).present).toEqual(['src/own.ts']);
    expect((await changedFiles(root, 'HEAD')).present).toEqual([]);
  });

  test('the default branch is that of the remote, where there is one', async () => {
    const clone = mkdtempSync(join(tmpdir(), 'changes-clone-'));
    try {
      git('branch', '-m', 'trunk');
      execFileSync('git', ['clone', '--quiet', root, clone]);
      writeFileSync(join(clone, 'new.ts'), '');
      expect((await changedFiles(clone)).present).toEqual(['new.ts']);
    } finally {
      rmSync(clone, { recursive: true, force: true });
    }
  });

  test('a base that is not there is named, with the way out', async () => {
    git('branch', '-m', 'trunk');
    await expect(changedFiles(root)).rejects.toThrow(/no "main" here.*--base REV/);
    await expect(changedFiles(root, 'nowhere')).rejects.toThrow(/no "nowhere"/);
  });
});
