/** Triangles by their error, the largest first: a binary heap that knows where each triangle is. */
export class WorstFirst {
  private heap: Int32Array;
  private place: Int32Array;
  private error: Float64Array;
  private length = 0;

  constructor(capacity: number) {
    this.heap = new Int32Array(capacity);
    this.place = new Int32Array(capacity).fill(-1);
    this.error = new Float64Array(capacity);
  }

  get size(): number {
    return this.length;
  }

  /** Adds a triangle or changes its error. */
  set(triangle: number, error: number): void {
    const { place } = this;
    const before = this.error[triangle]!;
    this.error[triangle] = error;
    if (place[triangle]! < 0) {
      place[triangle] = this.length;
      this.heap[this.length] = triangle;
      this.up(this.length++);
    } else if (error > before) this.up(place[triangle]!);
    else this.down(place[triangle]!);
  }

  delete(triangle: number): void {
    const at = this.place[triangle]!;
    if (at < 0) return;
    this.place[triangle] = -1;
    this.length -= 1;
    if (at === this.length) return;
    const last = this.heap[this.length]!;
    this.heap[at] = last;
    this.place[last] = at;
    this.up(at);
    this.down(this.place[last]!);
  }

  /** Takes the worst one out; there must be one. */
  pop(): number {
    const worst = this.heap[0]!;
    this.delete(worst);
    return worst;
  }

  grow(capacity: number): void {
    const heap = new Int32Array(capacity);
    heap.set(this.heap);
    const place = new Int32Array(capacity).fill(-1);
    place.set(this.place);
    const error = new Float64Array(capacity);
    error.set(this.error);
    this.heap = heap;
    this.place = place;
    this.error = error;
  }

  private up(from: number): void {
    const { heap, place, error } = this;
    const triangle = heap[from]!;
    const own = error[triangle]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent]!;
      if (own <= error[other]!) break;
      heap[at] = other;
      place[other] = at;
      at = parent;
    }
    heap[at] = triangle;
    place[triangle] = at;
  }

  private down(from: number): void {
    const { heap, place, error, length } = this;
    const triangle = heap[from]!;
    const own = error[triangle]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && error[heap[child + 1]!]! > error[heap[child]!]!) child += 1;
      const other = heap[child]!;
      if (error[other]! <= own) break;
      heap[at] = other;
      place[other] = at;
      at = child;
    }
    heap[at] = triangle;
    place[triangle] = at;
  }
}
