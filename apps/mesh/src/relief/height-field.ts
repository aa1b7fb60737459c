/** Heights on a grid, row by row; 65535 is the full height. */
export interface HeightField {
  width: number;
  height: number;
  levels: Uint16Array;
}

export const fullLevel = 65_535;

/** Part of a height field's surface: vertices are points of its grid. */
export interface Terrain {
  /** Column and row of each vertex. */
  columns: Uint16Array;
  rows: Uint16Array;
  /** Three vertices a triangle, clockwise in an image with y down. */
  triangles: Uint32Array;
  /** The triangulation ended at its limit: there are larger errors than asked for. */
  limited: boolean;
}
