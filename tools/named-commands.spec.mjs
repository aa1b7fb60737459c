import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What pages, errors and usages are written in. */
const sources = ['libs', 'apps'].flatMap((folder) =>
  readdirSync(join(root, folder)).flatMap((name) =>
    readdirSync(join(root, folder, name, 'src'), { recursive: true })
      .filter((file) => /(?<!\.spec)\.tsx?$/.test(file) && !/generated/.test(file))
      .map((file) => join(folder, name, 'src', file)),
  ),
);

/** Commands of this repository in a text, and whether there is each. */
function commandsIn(text) {
  const named = (pattern, exists) => [...text.matchAll(pattern)].map(([command, name]) => [command, exists(name)]);
  return [
    ...named(/\.\/roundhouse ([a-z]+)/g, (verb) => existsSync(join(root, 'tools/cli/verbs', `${verb}.mjs`))),
    ...named(/npm run ([\w:]+)/g, (script) => script in scripts),
    ...named(/node (apps\/[\w/-]+)\.js/g, (file) => existsSync(join(root, `${file.replace('/dist/', '/src/')}.ts`))),
    ...named(/api-key create/g, () => false), // no command of this name is installed
  ];
}

describe('commands that people are told to run', () => {
  test('would be missed', () => {
    const text = './roundhouse fly; npm run away; node apps/gateway/dist/nothing.js; api-key create';
    expect(commandsIn(text).map(([, exists]) => exists)).toEqual([false, false, false, false]);
  });

  test('are there', () => {
    const found = sources.flatMap((path) =>
      commandsIn(readFileSync(join(root, path), 'utf8')).map(([command, exists]) => ({ path, command, exists })),
    );
    expect(found.length).toBeGreaterThan(8);
    expect(found.filter(({ exists }) => !exists)).toEqual([]);
  });
});
