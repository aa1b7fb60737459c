import type { Solid } from '../solid/solid.js';

/** RGB bytes, row by row. */
export interface Drawing {
  size: number;
  pixels: Uint8Array;
}

type Vector = [number, number, number];

// From the front right and above; the light comes from the left over the viewer's shoulder.
const viewDirection = normalized([-0.45, 0.95, -0.75]);
const lightDirection = normalized([-0.55, -0.6, 0.95]);
const colour: Vector = [222, 229, 240];
const background: [top: Vector, bottom: Vector] = [
  [250, 251, 252],
  [226, 230, 236],
];
const ambient = 0.28;
const fill = 0.92;
/** By how many pixels the surface leaves its plane at an edge, and how much of its brightness is left there. */
const edgePx = 2;
const edgeBrightness = 0.6;

/** Draws a solid from a fixed direction, filling the picture: z-buffer, one colour, Lambert's law, edges, twice as fine and averaged. */
export function drawSolid(solid: Solid, size = 512): Drawing {
  const fine = size * 2;
  const camera = cameraFor(solid, fine);
  const depth = new Float32Array(fine * fine).fill(Infinity);
  const shade = new Uint8Array(fine * fine);
  const points = projected(solid, camera);
  for (let i = 0; i < solid.indices.length; i += 3) {
    const [a, b, c] = [3 * solid.indices[i]!, 3 * solid.indices[i + 1]!, 3 * solid.indices[i + 2]!];
    const brightness = shadeOf(solid.positions, a, b, c);
    if (brightness > 0) fillTriangle(points, a, b, c, brightness, { depth, shade, size: fine });
  }
  darkenEdges({ depth, shade, size: fine }, camera.scale);
  return { size, pixels: averaged(shade, size) };
}

function normalized([x, y, z]: Vector): Vector {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

interface Camera {
  right: Vector;
  up: Vector;
  scale: number;
  offset: [number, number];
}

/** Parallel projection: what is printable has no vanishing point. */
function cameraFor({ positions }: Solid, size: number): Camera {
  const right = normalized(cross(viewDirection, [0, 0, 1]));
  const up = cross(right, viewDirection);
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i += 3) {
    const point: Vector = [positions[i]!, positions[i + 1]!, positions[i + 2]!];
    const x = dot(point, right);
    const y = dot(point, up);
    minX = Math.min(minX, x);
    maxX = Math.max(maxX, x);
    minY = Math.min(minY, y);
    maxY = Math.max(maxY, y);
  }
  const scale = (size * fill) / (Math.max(maxX - minX, maxY - minY) || 1);
  return { right, up, scale, offset: [size / 2 - ((minX + maxX) / 2) * scale, size / 2 + ((minY + maxY) / 2) * scale] };
}

/** x and y in pixels, y down, and the distance from the viewer. */
function projected({ positions: p }: Solid, { right, up, scale, offset }: Camera): Float32Array {
  const points = new Float32Array(p.length);
  for (let i = 0; i < p.length; i += 3) {
    const x = p[i]!;
    const y = p[i + 1]!;
    const z = p[i + 2]!;
    points[i] = (x * right[0] + y * right[1] + z * right[2]) * scale + offset[0];
    points[i + 1] = offset[1] - (x * up[0] + y * up[1] + z * up[2]) * scale;
    points[i + 2] = x * viewDirection[0] + y * viewDirection[1] + z * viewDirection[2];
  }
  return points;
}

/** 1 … 255; 0 for a triangle that is seen from behind. */
function shadeOf(p: Float32Array, a: number, b: number, c: number): number {
  const u: Vector = [p[b]! - p[a]!, p[b + 1]! - p[a + 1]!, p[b + 2]! - p[a + 2]!];
  const v: Vector = [p[c]! - p[a]!, p[c + 1]! - p[a + 1]!, p[c + 2]! - p[a + 2]!];
  const normal = cross(u, v);
  const length = Math.hypot(...normal);
  if (length === 0 || dot(normal, viewDirection) >= 0) return 0;
  const lambert = Math.max(0, dot(normal, lightDirection) / length);
  return Math.max(1, Math.round(255 * Math.min(1, ambient + (1 - ambient) * lambert)));
}

interface Canvas {
  depth: Float32Array;
  shade: Uint8Array;
  size: number;
}

function fillTriangle(
  p: Float32Array,
  a: number,
  b: number,
  c: number,
  brightness: number,
  { depth, shade, size }: Canvas,
): void {
  const [ax, ay, bx, by, cx, cy] = [p[a]!, p[a + 1]!, p[b]!, p[b + 1]!, p[c]!, p[c + 1]!];
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  if (area === 0) return;
  const [az, bz, cz] = [p[a + 2]!, p[b + 2]!, p[c + 2]!];
  const zx = ((bz - az) * (cy - ay) - (cz - az) * (by - ay)) / area;
  const zy = ((cz - az) * (bx - ax) - (bz - az) * (cx - ax)) / area;
  const top = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5));
  const bottom = Math.min(size - 1, Math.floor(Math.max(ay, by, cy) - 0.5));
  for (let y = top; y <= bottom; y += 1) {
    const at = y + 0.5;
    let from = Infinity;
    let to = -Infinity;
    const cut = (x1: number, y1: number, x2: number, y2: number): void => {
      if (y1 <= at === y2 <= at) return;
      const x = x1 + ((at - y1) * (x2 - x1)) / (y2 - y1);
      if (x < from) from = x;
      if (x > to) to = x;
    };
    cut(ax, ay, bx, by);
    cut(bx, by, cx, cy);
    cut(cx, cy, ax, ay);
    const last = Math.min(size - 1, Math.ceil(to - 0.5) - 1);
    for (let x = Math.max(0, Math.ceil(from - 0.5)); x <= last; x += 1) {
      const z = az + (x + 0.5 - ax) * zx + (at - ay) * zy;
      const pixel = y * size + x;
      if (z >= depth[pixel]!) continue;
      depth[pixel] = z;
      shade[pixel] = brightness;
    }
  }
}

/**
 * Darkens where the surface jumps or bends, which the second difference of its distance tells: two faces that look the same way
 * have the same brightness, however far one lies behind the other.
 */
function darkenEdges({ depth, shade, size }: Canvas, scale: number): void {
  const least = edgePx / scale;
  const bends = (before: number, here: number, after: number): boolean => before + after - 2 * here > least;
  for (let y = 1; y < size - 1; y += 1) {
    for (let x = 1; x < size - 1; x += 1) {
      const i = y * size + x;
      if (shade[i] === 0) continue;
      const here = depth[i]!;
      if (bends(depth[i - 1]!, here, depth[i + 1]!) || bends(depth[i - size]!, here, depth[i + size]!))
        shade[i] = Math.max(1, shade[i]! * edgeBrightness);
    }
  }
}

/** Four pixels become one; where nothing was drawn the background shows. */
function averaged(shade: Uint8Array, size: number): Uint8Array {
  const pixels = new Uint8Array(3 * size * size);
  const fine = size * 2;
  for (let y = 0; y < size; y += 1) {
    const share = y / (size - 1);
    for (let x = 0; x < size; x += 1) {
      const first = 2 * y * fine + 2 * x;
      const four = [shade[first]!, shade[first + 1]!, shade[first + fine]!, shade[first + fine + 1]!];
      for (let k = 0; k < 3; k += 1) {
        const behind = background[0][k]! * (1 - share) + background[1][k]! * share;
        const sum = four.reduce((total, value) => total + (value === 0 ? behind : (colour[k]! * value) / 255), 0);
        pixels[3 * (y * size + x) + k] = Math.round(sum / 4);
      }
    }
  }
  return pixels;
}
