import { JobFailure } from '@roundhouse/jobs';
import sharp, { type Metadata, type Sharp } from 'sharp';

// One thread decodes one image; what is decoded is never needed again.
sharp.concurrency(1);
sharp.cache(false);

/** Formats that are read; what is not listed is refused by name. */
const formats = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'avif']);
/** Longer images are reduced to this: the engines' cost and memory are bounded by it. */
export const workingSide = 4096;
const maxSide = 16_384;
const maxPixels = 120_000_000;

const refuse = (message: string, cause?: unknown): JobFailure =>
  new JobFailure('INVALID_INPUT', message, { field: 'image', cause });

/** What is wrong in words; libvips begins with the name of its own function. */
const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 200);

export interface OpenedImage {
  metadata: Metadata;
  /** A fresh pipeline: upright, sRGB or grey, reduced to the working size. Of an animation the first frame. */
  pixels(): Sharp;
}

/** @throws JobFailure INVALID_INPUT for anything that is no picture of a known format and moderate size */
export async function openImage(path: string): Promise<OpenedImage> {
  const options = { limitInputPixels: maxPixels, failOn: 'error', pages: 1, sequentialRead: true } as const;
  const metadata = await sharp(path, { ...options, limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw refuse(
        `The file cannot be read as a picture (${wordsOf(error)}); send PNG, JPEG, WebP, GIF, TIFF or AVIF`,
        error,
      );
    });
  const { format, width, height } = metadata;
  if (format === 'svg') throw refuse('SVG is a drawing, not a picture: export it as PNG in the size you want');
  if (!formats.has(format)) throw refuse(`${String(format)} is not read; send PNG, JPEG, WebP, GIF, TIFF or AVIF`);
  if (width > maxSide || height > maxSide || width * height > maxPixels) {
    throw refuse(
      `The picture has ${width} × ${height} pixels; at most ${maxSide} a side and ${maxPixels / 1e6} million in all are taken: reduce it`,
    );
  }
  if (width < 2 || height < 2) throw refuse(`The picture has ${width} × ${height} pixels; at least 2 × 2 are needed`);
  return {
    metadata,
    pixels: () =>
      sharp(path, options)
        .autoOrient()
        .resize({ width: workingSide, height: workingSide, fit: 'inside', withoutEnlargement: true }),
  };
}

/** Runs a pipeline; what a damaged file makes it say becomes an answer for people. */
export async function decoded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw refuse(`The picture is damaged or incomplete (${wordsOf(error)}); save it again and upload that`, error);
  }
}
