import sharp from 'sharp';

/** Seeded noise on a lattice: the same numbers on every machine. */
function lattice(size, seed) {
  let state = seed;
  return Float64Array.from({ length: size * size }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return (state >>> 0) / 2 ** 32;
  });
}

const smooth = (t) => t * t * (3 - 2 * t);

/** Hills on hills: value noise in eight octaves, each a little more than half as high as the one before; 16 bits. */
export async function terrainImage(size, path, octaves = 8) {
  const heights = new Float64Array(size * size);
  for (let octave = 0; octave < octaves; octave += 1) {
    const cells = 2 ** (octave + 1);
    const side = cells + 1;
    const values = lattice(side, octave * 7919 + 1);
    for (let y = 0; y < size; y += 1) {
      const v = (y / size) * cells;
      const row = Math.floor(v);
      const b = smooth(v - row);
      for (let x = 0; x < size; x += 1) {
        const u = (x / size) * cells;
        const column = Math.floor(u);
        const a = smooth(u - column);
        const at = row * side + column;
        const top = values[at] * (1 - a) + values[at + 1] * a;
        const bottom = values[at + side] * (1 - a) + values[at + side + 1] * a;
        heights[y * size + x] += 0.55 ** octave * (top * (1 - b) + bottom * b);
      }
    }
  }
  let [low, high] = [Infinity, -Infinity];
  for (const height of heights) {
    if (height < low) low = height;
    if (height > high) high = height;
  }
  const levels = Uint16Array.from(heights, (height) => Math.round(((height - low) / (high - low)) * 65_535));
  await sharp(levels, { raw: { width: size, height: size, channels: 1 } })
    .toColourspace('grey16')
    .png({ compressionLevel: 1 })
    .toFile(path);
}

/** A gear, a spiral and a hundred dots, dark on white. */
export async function shapesImage(size, path) {
  const pixels = new Uint8Array(size * size).fill(255);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const [u, v] = [x / size, y / size];
      if (gear(u - 0.3, v - 0.3) || spiral(u - 0.7, v - 0.68) || dots(u, v)) pixels[y * size + x] = 20;
    }
  }
  await sharp(pixels, { raw: { width: size, height: size, channels: 1 } })
    .png({ compressionLevel: 1 })
    .toFile(path);
}

function gear(x, y) {
  const r = Math.hypot(x, y);
  return r > 0.08 && r < 0.2 + 0.025 * Math.tanh(6 * Math.sin(16 * Math.atan2(y, x)));
}

function spiral(x, y) {
  const r = Math.hypot(x, y);
  const turns = r / 0.05 - Math.atan2(y, x) / (2 * Math.PI);
  return r > 0.02 && r < 0.26 && turns - Math.floor(turns) < 0.5;
}

function dots(x, y) {
  if (x < 0.58 || y > 0.38) return false;
  const [u, v] = [(x - 0.58) * 25, y * 25];
  return Math.hypot(u - Math.floor(u) - 0.5, v - Math.floor(v) - 0.5) < 0.3;
}
