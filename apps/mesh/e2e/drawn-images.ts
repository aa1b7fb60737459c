import sharp from 'sharp';

const grey = (width: number, height: number, level: (x: number, y: number) => number) => {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) data[y * width + x] = Math.round(255 * Math.min(1, Math.max(0, level(x, y))));
  return sharp(data, { raw: { width, height, channels: 1 } });
};

/** A dark gear with a hole on a white ground. */
export function gear(size: number, teeth = 12): Promise<Buffer> {
  const centre = size / 2;
  return grey(size, size, (x, y) => {
    const r = Math.hypot(x - centre, y - centre) / size;
    const angle = Math.atan2(y - centre, x - centre);
    const edge = 0.36 + 0.05 * Math.tanh(6 * Math.sin(teeth * angle));
    return r < edge && r > 0.12 ? 0.1 : 1;
  })
    .png()
    .toBuffer();
}

export function hills(width: number, height: number): Promise<Buffer> {
  return grey(width, height, (x, y) => {
    const [u, v] = [(6 * x) / width, (6 * y) / height];
    return 0.5 + 0.2 * Math.sin(u * 2 + Math.sin(v)) + 0.2 * Math.cos(v * 1.7 - u) + 0.08 * Math.sin(5 * u + 3 * v);
  })
    .png()
    .toBuffer();
}

/** A star that is opaque on transparent ground. */
export async function star(size: number): Promise<Buffer> {
  const centre = size / 2;
  const data = new Uint8Array(4 * size * size);
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1) {
      const angle = Math.atan2(y - centre, x - centre);
      const inside = Math.hypot(x - centre, y - centre) / size < 0.28 + 0.14 * Math.cos(5 * angle);
      data.set([240, 200, 40, inside ? 255 : 0], 4 * (y * size + x));
    }
  return sharp(data, { raw: { width: size, height: size, channels: 4 } })
    .png()
    .toBuffer();
}

/** Single bright pixels, two apart: a ninth as many outlines as pixels. */
export function dots(size: number): Promise<Buffer> {
  return grey(size, size, (x, y) => Number(x % 3 === 1 && y % 3 === 1))
    .png()
    .toBuffer();
}

/** Every pixel a height of its own: no triangle covers more than a few. The numbers are a linear congruential generator's. */
export function roughness(size: number): Promise<Buffer> {
  let state = 1;
  return grey(size, size, () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32)
    .png()
    .toBuffer();
}
