import type { GraphEdge } from '../transitions/index.js';

export interface GraphNode {
  /** Names the job within its workflow. */
  ref: string;
  dependsOn: readonly GraphEdge[];
}

/** What is wrong with a graph; `path` as in the request: "jobs[2].depends_on[0].ref". */
export interface GraphFault {
  path: string;
  message: string;
}

export type OrderedGraph = { ok: true; order: number[] } | { ok: false; faults: GraphFault[] };

const edgePath = (job: number, edge: number): string => `jobs[${job}].depends_on[${edge}].ref`;

/** Indexes of the nodes so that each comes after everything it depends on, or every fault of the graph. */
export function orderGraph(nodes: readonly GraphNode[]): OrderedGraph {
  const byRef = new Map<string, number>();
  const faults: GraphFault[] = [];
  nodes.forEach(({ ref }, i) => {
    const first = byRef.get(ref);
    if (first === undefined) byRef.set(ref, i);
    else faults.push({ path: `jobs[${i}].ref`, message: `"${ref}" is the ref of jobs[${first}] already` });
  });
  nodes.forEach((node, i) => faults.push(...edgeFaults(node, i, byRef)));
  if (faults.length > 0) return { ok: false, faults };
  const order = topologicalOrder(nodes, byRef);
  if (order.length === nodes.length) return { ok: true, order };
  return { ok: false, faults: [cycleFault(nodes, byRef, new Set(order))] };
}

function edgeFaults(node: GraphNode, i: number, byRef: ReadonlyMap<string, number>): GraphFault[] {
  const seen = new Set<string>();
  return node.dependsOn.flatMap(({ ref }, k): GraphFault[] => {
    const path = edgePath(i, k);
    if (!byRef.has(ref)) return [{ path, message: `no job of this workflow has the ref "${ref}"` }];
    if (ref === node.ref) return [{ path, message: `"${ref}" cannot depend on itself` }];
    if (seen.has(ref)) return [{ path, message: `"${ref}" is named twice` }];
    seen.add(ref);
    return [];
  });
}

/** Kahn's algorithm; nodes on or behind a cycle are left out. Jobs that could run at once keep the order of the request. */
function topologicalOrder(nodes: readonly GraphNode[], byRef: ReadonlyMap<string, number>): number[] {
  const waitsFor = nodes.map((node) => node.dependsOn.length);
  const dependents = new Map<number, number[]>();
  nodes.forEach((node, i) => {
    for (const { ref } of node.dependsOn) {
      const on = byRef.get(ref) as number;
      dependents.set(on, [...(dependents.get(on) ?? []), i]);
    }
  });
  const order = nodes.flatMap((_, i) => (waitsFor[i] === 0 ? [i] : []));
  for (let next = 0; next < order.length; next += 1) {
    for (const i of dependents.get(order[next] as number) ?? []) {
      waitsFor[i] = (waitsFor[i] as number) - 1;
      if (waitsFor[i] === 0) order.push(i);
    }
  }
  return order;
}

/** Walks from what could not be ordered to what it waits for until a job comes up again. */
function cycleFault(
  nodes: readonly GraphNode[],
  byRef: ReadonlyMap<string, number>,
  ordered: ReadonlySet<number>,
): GraphFault {
  const walk: number[] = [];
  let at = nodes.findIndex((_, i) => !ordered.has(i));
  while (!walk.includes(at)) {
    walk.push(at);
    at = (nodes[at] as GraphNode).dependsOn
      .map(({ ref }) => byRef.get(ref) as number)
      .find((i) => !ordered.has(i)) as number;
  }
  const cycle = [...walk.slice(walk.indexOf(at)), at];
  const [from, to] = cycle as [number, number];
  const edge = (nodes[from] as GraphNode).dependsOn.findIndex(({ ref }) => byRef.get(ref) === to);
  const names = cycle.map((i) => (nodes[i] as GraphNode).ref).join(' → ');
  return { path: edgePath(from, edge), message: `the jobs wait for each other: ${names}` };
}
