/** A closed triangle mesh. Triangles run counter-clockwise seen from outside. */
export interface Solid {
  /** x, y, z of each vertex in millimetres; z is up. */
  positions: Float32Array;
  /** Three vertices a triangle. */
  indices: Uint32Array;
}
