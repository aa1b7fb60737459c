import { beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { sourceImports } from '../check/source-imports.mjs';
import { architecture } from './architecture-page.mjs';
import { circles } from './circles.mjs';
import { arrowsOf, doorOf, purposeOf } from './drawing.mjs';
import { placeOf } from './floor-plan.mjs';
import { houses } from './houses.mjs';
import { grouped, importGraph, specifiersOf } from './import-graph.mjs';
import { packagesOf } from './packages.mjs';

const root = resolve(import.meta.dirname, '../..');
let graph;
beforeAll(() => {
  graph = importGraph(root);
});

test('every kind of import is seen', () => {
  const text = `
    import a, { type A } from './a.js';
    import type { B } from './b.js';
    export * from './c.js';
    export { d } from './d.js';
    const e = () => import('./e.js');
    type F = import('./f.js').F;
    import './g.js';
    const h = "import './h.js'"; // a text, no import
  `;
  expect(specifiersOf('x.ts', text)).toEqual(['./a.js', './b.js', './c.js', './d.js', './e.js', './f.js', './g.js']);
});

test('the quick reading of imports, by their form, finds what the compiler finds', () => {
  const wrong = [...graph.keys()].filter((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const quick = new Set(sourceImports(text).map(({ specifier }) => specifier));
    return !isDeepStrictEqual([...quick].sort(), [...new Set(specifiersOf(file, text))].sort());
  });
  expect(wrong).toEqual([]);
});

test('the graph has the files of all packages', () => {
  expect(graph.size).toBeGreaterThan(800);
  expect(graph.get('libs/ledger/src/acceptance/acceptance.ts')).toContain('libs/ledger/src/storage/index.ts');
});

test('no files import each other in a circle', () => {
  expect(circles(graph)).toEqual([]);
});

test('no folders import each other in a circle', () => {
  expect(circles(grouped(graph, (file) => file.slice(0, file.lastIndexOf('/'))))).toEqual([]);
});

describe.each(houses)('$folder', (house) => {
  const rooms = Object.entries(house.rooms);

  test('names no room before those that it opens', () => {
    const known = new Set();
    for (const [room, opened] of rooms) {
      expect({ room, unknown: opened.filter((other) => !known.has(other)) }).toEqual({ room, unknown: [] });
      known.add(room);
    }
  });

  test('has every folder in a room', () => {
    const below = readdirSync(join(root, house.folder), { recursive: true, withFileTypes: true });
    const homeless = below
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath.slice(root.length + 1)}/${entry.name}`)
      .filter((path) => placeOf(path).room === undefined && path.slice(house.folder.length + 1).includes('/'));
    expect(homeless).toEqual([]);
  });

  test.each(rooms)('room %s has a door that says what it owns', (room) => {
    expect(doorOf(root, house, room)).toBeDefined();
    expect(purposeOf(root, house, room)).toMatch(/^[A-Z].{20,}\.$/);
  });

  test('opens the doors that it is allowed to, and is allowed no others', () => {
    const arrows = arrowsOf(graph, house);
    for (const [room, opened] of rooms) {
      expect({ room, opens: [...(arrows.get(room) ?? [])].sort() }).toEqual({ room, opens: [...opened].sort() });
    }
  });
});

test('docs/architecture.md draws the code as it is: npm run rooms -- --write', () => {
  const { page, drawn } = architecture(root, graph);
  expect(page).toBe(drawn);
});

test.each(packagesOf(root))('docs/architecture.md says in a line what $path is', ({ path }) => {
  expect(readFileSync(join(root, 'docs/architecture.md'), 'utf8')).toContain(`| [${path}](../${path}) `);
});
