import { expect, test } from '@jest/globals';
import { processSchema, variableName } from '@roundhouse/service';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');

const variablesOf = (schema) =>
  Object.entries(schema.shape).map(([field, type]) => type.meta()?.variable ?? variableName(field));

/** The variables of every service, read from its own schema. */
async function services() {
  const apps = readdirSync(join(root, 'apps')).filter((app) => existsSync(join(root, 'apps', app, 'src/config.ts')));
  const found = [];
  // One after the other: jest's loader does not take modules that are imported from two sides at the same time.
  for (const app of apps.sort()) {
    const module = await import(`../apps/${app}/src/config.ts`);
    const schemas = Object.values(module).filter((value) => typeof value?.safeParse === 'function');
    found.push([app, [...new Set(schemas.flatMap(variablesOf))]]);
  }
  return found;
}

/** The row of the page's tables for a variable. */
const rowOf = (variable) => page.split('\n').find((line) => line.startsWith(`| \`${variable}\``));
const everyService = await services();

test('the variables of every process are on the page', () => {
  expect(variablesOf(processSchema).filter((variable) => !rowOf(variable))).toEqual([]);
});

test.each(everyService)('the variables of %s are on the page, under its name', (app, variables) => {
  expect(variables.length).toBeGreaterThan(0);
  const missing = variables.filter((variable) => {
    const row = rowOf(variable);
    return !row || !(row.includes(`${app}`) || row.includes('all'));
  });
  expect(missing).toEqual([]);
});

test('the page names no variable that nobody reads', () => {
  const read = new Set([...everyService.flatMap(([, variables]) => variables), ...variablesOf(processSchema)]);
  const elsewhere = ['docker-compose.yml', 'Dockerfile', '.env.example', 'deploy', 'tools/cli', 'bench', 'libs', 'apps']
    .map((path) => text(join(root, path)))
    .join('\n');
  const named = [...new Set(page.match(/\bROUNDHOUSE_[A-Z_]+[A-Z]/g))];
  expect(named.filter((variable) => !read.has(variable) && !elsewhere.includes(variable))).toEqual([]);
});

function text(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code !== 'EISDIR') throw error;
  }
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !/^(node_modules|dist|generated)$/.test(name))
    .filter((entry) => entry.isDirectory() || /\.(ts|mjs|sh|env|yml)$/.test(entry.name))
    .map(({ name }) => text(join(path, name)))
    .join('\n');
}
