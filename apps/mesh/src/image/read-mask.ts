import type { Mask } from '../silhouette/trace-outlines.js';
import { decoded, type OpenedImage } from './open-image.js';
import { otsuThreshold } from './otsu-threshold.js';

export interface Foreground {
  mask: Mask;
  /** By what it was told from the rest. */
  by: 'alpha' | 'dark' | 'bright';
}

/**
 * The foreground: what is opaque when the picture has transparency, else what is darker or brighter than Otsu's threshold,
 * whichever the border of the picture is not.
 */
export async function readMask(image: OpenedImage, invert: boolean): Promise<Foreground> {
  const { mask, by } = (image.metadata.hasAlpha ? await byAlpha(image) : undefined) ?? (await byBrightness(image));
  if (invert) for (let i = 0; i < mask.pixels.length; i += 1) mask.pixels[i] = 1 - mask.pixels[i]!;
  return { mask, by };
}

interface Grey {
  data: Buffer;
  info: { width: number; height: number };
}

function threshold({ data, info: { width, height } }: Grey, isSet: (value: number) => boolean): Mask {
  const table = Uint8Array.from({ length: 256 }, (_, value) => Number(isSet(value)));
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < pixels.length; i += 1) pixels[i] = table[pixels[i]!]!;
  return { width, height, pixels };
}

/** Undefined when the picture is equally transparent everywhere. */
async function byAlpha(image: OpenedImage): Promise<Foreground | undefined> {
  const grey = await decoded(() =>
    image.pixels().extractChannel('alpha').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }),
  );
  const first = grey.data[0];
  if (grey.data.every((value) => value === first)) return undefined;
  return { mask: threshold(grey, (value) => value >= 128), by: 'alpha' };
}

async function byBrightness(image: OpenedImage): Promise<Foreground> {
  const grey = await decoded(() =>
    image.pixels().removeAlpha().toColourspace('b-w').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }),
  );
  const limit = otsuThreshold(grey.data);
  const dark = borderIsBright(grey, limit);
  return { mask: threshold(grey, (value) => (dark ? value <= limit : value > limit)), by: dark ? 'dark' : 'bright' };
}

function borderIsBright({ data, info: { width, height } }: Grey, limit: number): boolean {
  let bright = 0;
  let all = 0;
  const look = (at: number): void => {
    bright += Number(data[at]! > limit);
    all += 1;
  };
  for (let x = 0; x < width; x += 1) {
    look(x);
    look((height - 1) * width + x);
  }
  for (let y = 1; y < height - 1; y += 1) {
    look(y * width);
    look(y * width + width - 1);
  }
  return bright * 2 >= all;
}
