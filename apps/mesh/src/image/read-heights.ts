import { fullLevel, type HeightField } from '../relief/height-field.js';
import { decoded, type OpenedImage } from './open-image.js';

export interface HeightReading {
  /** Dark is high. */
  invert: boolean;
  /** Standard deviation of the blur; 0: none. */
  smoothingPx: number;
}

/** Brightness as heights, 16 bits deep where the picture is. What is transparent lies at the bottom. */
export async function readHeights(image: OpenedImage, { invert, smoothingPx }: HeightReading): Promise<HeightField> {
  const bottom = invert ? '#ffffff' : '#000000';
  const { data, info } = await decoded(() => {
    let pixels = image.pixels().flatten({ background: bottom }).toColourspace('grey16');
    // libvips knows no blur below 0.3.
    if (smoothingPx >= 0.3) pixels = pixels.blur(smoothingPx);
    return pixels.raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true });
  });
  const { width, height, channels } = info;
  const values = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  const levels = channels === 1 ? values : values.filter((_, i) => i % channels === 0);
  if (invert) for (let i = 0; i < levels.length; i += 1) levels[i] = fullLevel - levels[i]!;
  return { width, height, levels };
}
