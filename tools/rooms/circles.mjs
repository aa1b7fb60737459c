/**
 * The circles of a graph: its strongly connected components of more than one node, each sorted (Tarjan, 1972, "Depth-first search and
 * linear graph algorithms").
 * @param graph node → nodes that it leads to
 */
export function circles(graph) {
  const order = new Map();
  const lowest = new Map();
  const open = [];
  const found = [];

  function visit(node) {
    order.set(node, order.size);
    lowest.set(node, order.get(node));
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (open.includes(next)) lowest.set(node, Math.min(lowest.get(node), lowest.get(next)));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const circle = open.splice(open.indexOf(node));
    if (circle.length > 1) found.push(circle.sort());
  }

  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
}

/** The graph without the arrows that a longer way implies. Of a graph without circles it is the one smallest picture. */
export function withoutImplied(graph) {
  const reach = (from, seen = new Set()) => {
    for (const next of graph.get(from) ?? []) if (!seen.has(next)) reach(next, seen.add(next));
    return seen;
  };
  return new Map(
    [...graph].map(([node, targets]) => {
      const implied = new Set([...targets].flatMap((target) => [...reach(target)]));
      return [node, new Set([...targets].filter((target) => !implied.has(target)))];
    }),
  );
}
