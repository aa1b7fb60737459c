import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { circles, withoutImplied } from './circles.mjs';

const graph = (arrows) => new Map(Object.entries(arrows).map(([node, targets]) => [node, new Set(targets)]));

test('a line has no circle', () => {
  expect(circles(graph({ a: ['b', 'c'], b: ['c'], c: [] }))).toEqual([]);
});

test('circles that touch are one; others are told apart', () => {
  const found = circles(graph({ a: ['b'], b: ['c'], c: ['b', 'd'], d: ['e'], e: ['f'], f: ['d'], g: ['a'] }));
  expect(found.sort()).toEqual([
    ['b', 'c'],
    ['d', 'e', 'f'],
  ]);
});

const reach = (arrows, from, seen = new Set()) => {
  for (const next of arrows.get(from) ?? []) if (!seen.has(next)) reach(arrows, next, seen.add(next));
  return seen;
};
const nodes = [...'abcdefg'];
const anyGraph = fc
  .array(fc.tuple(fc.constantFrom(...nodes), fc.constantFrom(...nodes)), { maxLength: 20 })
  .map(
    (pairs) =>
      new Map(nodes.map((node) => [node, new Set(pairs.filter(([a, b]) => a === node && b !== a).map(([, b]) => b))])),
  );

test('two nodes are in one circle if, and only if, each leads to the other', () => {
  fc.assert(
    fc.property(anyGraph, (arrows) => {
      const found = circles(arrows);
      for (const a of nodes) {
        for (const b of nodes.filter((node) => node !== a)) {
          const together = found.some((circle) => circle.includes(a) && circle.includes(b));
          expect(together).toBe(reach(arrows, a).has(b) && reach(arrows, b).has(a));
        }
      }
    }),
  );
});

test('without the implied arrows everything still leads where it led, and no arrow can be spared', () => {
  const downward = anyGraph.map(
    (arrows) => new Map([...arrows].map(([a, bs]) => [a, new Set([...bs].filter((b) => b > a))])),
  );
  fc.assert(
    fc.property(downward, (arrows) => {
      const fewer = withoutImplied(arrows);
      for (const node of nodes) {
        expect(reach(fewer, node)).toEqual(reach(arrows, node));
        for (const target of fewer.get(node)) {
          const spared = new Map([...fewer, [node, new Set([...fewer.get(node)].filter((other) => other !== target))]]);
          expect(reach(spared, node).has(target)).toBe(false);
        }
      }
    }),
  );
});
