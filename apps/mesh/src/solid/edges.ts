export interface EdgeReport {
  watertight: boolean;
  /** Edges that are not passed exactly once in each direction. */
  badEdges: number;
  /** Triangles of which two corners are one. */
  collapsed: number;
}

/** Counts the edges that do not belong to exactly two triangles in opposite directions. */
export function inspectEdges(indices: Uint32Array, vertices: number): EdgeReport {
  let collapsed = 0;
  // Half-edges by their start: a vertex has few, so that looking for one among them is short.
  const start = new Uint32Array(vertices + 1);
  for (const vertex of indices) start[vertex + 1] = start[vertex + 1]! + 1;
  for (let v = 0; v < vertices; v += 1) start[v + 1] = start[v + 1]! + start[v]!;
  const ends = new Uint32Array(indices.length);
  const fill = start.slice(0, vertices);
  for (let i = 0; i < indices.length; i += 3) {
    const a = indices[i]!;
    const b = indices[i + 1]!;
    const c = indices[i + 2]!;
    if (a === b || b === c || c === a) collapsed += 1;
    ends[fill[a]!++] = b;
    ends[fill[b]!++] = c;
    ends[fill[c]!++] = a;
  }
  sortLong(start, ends, vertices);
  let bad = 0;
  for (let from = 0; from < vertices; from += 1) {
    for (let i = start[from]!; i < start[from + 1]!; i += 1) {
      const to = ends[i]!;
      if (occurrences(ends, start[from]!, start[from + 1]!, to) !== 1) bad += 1;
      else if (occurrences(ends, start[to]!, start[to + 1]!, from) !== 1) bad += 1;
    }
  }
  return { watertight: bad === 0 && collapsed === 0 && indices.length > 0, badEdges: bad, collapsed };
}

const long = 32;

/** A vertex in the middle of a fan may have thousands of half-edges: those are sorted, to be searched by halves. */
function sortLong(start: Uint32Array, ends: Uint32Array, vertices: number): void {
  for (let v = 0; v < vertices; v += 1) {
    if (start[v + 1]! - start[v]! > long) ends.subarray(start[v]!, start[v + 1]!).sort();
  }
}

function occurrences(ends: Uint32Array, from: number, to: number, wanted: number): number {
  let count = 0;
  if (to - from <= long) {
    for (let i = from; i < to; i += 1) if (ends[i] === wanted) count += 1;
    return count;
  }
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  while (low < to && ends[low++] === wanted) count += 1;
  return count;
}

/** Groups of triangles that are connected through vertices. */
export function parts(indices: Uint32Array, vertices: number): number {
  const parent = new Uint32Array(vertices);
  for (let v = 0; v < vertices; v += 1) parent[v] = v;
  const root = (v: number): number => {
    let at = v;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  let groups = vertices;
  const join = (a: number, b: number): void => {
    const [ra, rb] = [root(a), root(b)];
    if (ra === rb) return;
    parent[Math.max(ra, rb)] = Math.min(ra, rb);
    groups -= 1;
  };
  for (let i = 0; i < indices.length; i += 3) {
    join(indices[i]!, indices[i + 1]!);
    join(indices[i]!, indices[i + 2]!);
  }
  return groups;
}
