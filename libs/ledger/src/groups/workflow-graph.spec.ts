import fc from 'fast-check';
import { orderGraph, type GraphNode } from './workflow-graph.js';

const node = (ref: string, ...on: string[]): GraphNode => ({
  ref,
  dependsOn: on.map((other) => ({ ref: other, condition: 'succeeded', otherwise: 'cancel' })),
});

const faultsOf = (...nodes: GraphNode[]) => {
  const ordered = orderGraph(nodes);
  return ordered.ok ? [] : ordered.faults;
};

it('puts every job behind what it depends on, and keeps the order of the request otherwise', () => {
  expect(orderGraph([node('d', 'b', 'c'), node('b', 'a'), node('c', 'a'), node('a'), node('e')])).toEqual({
    ok: true,
    order: [3, 4, 1, 2, 0],
  });
});

it('names an unknown ref, a double ref, a doubled edge and a job that waits for itself, all at once', () => {
  expect(faultsOf(node('a', 'x'), node('a'), node('b', 'b', 'a', 'a'))).toEqual([
    { path: 'jobs[1].ref', message: '"a" is the ref of jobs[0] already' },
    { path: 'jobs[0].depends_on[0].ref', message: 'no job of this workflow has the ref "x"' },
    { path: 'jobs[2].depends_on[0].ref', message: '"b" cannot depend on itself' },
    { path: 'jobs[2].depends_on[2].ref', message: '"a" is named twice' },
  ]);
});

it('shows the way round of a cycle, without those that only wait for it', () => {
  expect(faultsOf(node('start'), node('behind', 'b'), node('a', 'start', 'c'), node('b', 'a'), node('c', 'b'))).toEqual(
    [{ path: 'jobs[3].depends_on[0].ref', message: 'the jobs wait for each other: b → a → c → b' }],
  );
});

it('orders every graph without a cycle and refuses every graph with one', () => {
  const graphs = fc.integer({ min: 1, max: 12 }).chain((size) =>
    fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 20 }).map((edges) =>
      Array.from({ length: size }, (_, i) => {
        const on = new Set(edges.filter(([from, to]) => from === i && to !== i).map(([, to]) => `j${to}`));
        return node(`j${i}`, ...on);
      }),
    ),
  );
  fc.assert(
    fc.property(graphs, (nodes) => {
      const ordered = orderGraph(nodes);
      if (!ordered.ok) {
        const [fault] = ordered.faults;
        const names = fault?.message.split(': ')[1]?.split(' → ') ?? [];
        // Each named job really waits for the next one, and the way ends where it began.
        for (let i = 1; i < names.length; i += 1) {
          const from = nodes.find(({ ref }) => ref === names[i - 1]);
          expect(from?.dependsOn.map(({ ref }) => ref)).toContain(names[i]);
        }
        expect(names.length).toBeGreaterThan(2);
        expect(names[0]).toBe(names.at(-1));
        return;
      }
      expect([...ordered.order].sort((a, b) => a - b)).toEqual(nodes.map((_, i) => i));
      const place = new Map(ordered.order.map((index, at) => [nodes[index]?.ref, at]));
      for (const { ref, dependsOn } of nodes)
        for (const on of dependsOn) expect(place.get(on.ref)).toBeLessThan(place.get(ref) as number);
    }),
    { numRuns: 500 },
  );
});
