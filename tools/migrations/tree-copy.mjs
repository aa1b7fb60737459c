import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const copied = [
  'package.json',
  '.prettierrc.json',
  'tsconfig.base.json',
  'apps/probe',
  'tools/cli',
  'tools/migrations',
];

/** For tests: an app with migrations, and the tools, in a folder of their own; packages are those of this tree. */
export function copyOfTree() {
  const folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: './tsconfig.base.json',
      compilerOptions: { noEmit: true },
      include: ['apps/*/src/migrations'],
    }),
  );
  return { root: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
