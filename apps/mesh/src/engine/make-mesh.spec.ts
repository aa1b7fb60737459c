import { MeshOptions, MeshOptions_Mode, type MeshFormat } from '@roundhouse/contracts';
import { validateBytes } from 'gltf-validator';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { gear, hills, star } from '../../e2e/drawn-images.js';
import { engineSettings } from './engine-settings.js';
import { makeMesh } from './make-mesh.js';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'make-mesh-'))));
afterAll(() => rm(folder, { recursive: true }));

type Wish = Partial<Omit<MeshOptions, 'silhouette' | 'relief' | 'formats'>> & {
  silhouette?: object;
  relief?: object;
  formats?: MeshFormat[];
};

async function make(image: Buffer, options: Wish = {}) {
  const imagePath = join(folder, 'image');
  await writeFile(imagePath, image);
  const settings = engineSettings(MeshOptions.fromPartial(options as never));
  return makeMesh({ imagePath, folder, name: 'test', settings }, () => undefined);
}

const relief = { mode: MeshOptions_Mode.RELIEF };
const flat = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } });
const square = async () => {
  const dark = await flat(20, 20, '#000').png().toBuffer();
  return flat(60, 40, '#fff').composite([{ input: dark, left: 10, top: 10 }]);
};

describe('pictures that are read in a way of their own', () => {
  it('an animation: its first frame', async () => {
    const frames = await Promise.all(
      [square(), flat(60, 40, '#888')].map(async (frame) => (await frame).png().toBuffer()),
    );
    const animated = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(animated).metadata()).pages).toBe(2);
    const { report, foreground } = await make(animated, { silhouette: { maxErrorPx: 0 } });
    expect([foreground, report.volume]).toEqual(['dark', expect.closeTo(400 * (100 / 60) ** 2 * 3, 0)]);
  });

  it('CMYK: as the colours that it stands for', async () => {
    const cmyk = await (await square()).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    expect((await make(cmyk)).iou).toBeGreaterThan(0.98);
  });

  it('turned by EXIF: upright', async () => {
    const turned = await (await square()).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const { report } = await make(turned, relief);
    expect(report.max[1]! - report.min[1]!).toBeCloseTo(100, 3);
    expect(report.max[0]! - report.min[0]!).toBeLessThan(70);
  });

  it('16 bits deep: every level of them', async () => {
    const levels = Uint16Array.from({ length: 256 * 4 }, (_, i) => 32_000 + (i % 256));
    const deep = await sharp(levels, { raw: { width: 256, height: 4, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const { report } = await make(deep, { ...relief, relief: { heightMm: 65.535, maxError: 0.0001 } });
    expect(report.max[2]).toBeCloseTo(1 + 32.255, 2);
    expect(report.vertices).toBeGreaterThan(8);
  });

  it('transparent: for a relief what is transparent lies at the bottom, for a silhouette it is the ground', async () => {
    const picture = await star(200);
    expect((await make(picture, relief)).report.min[2]).toBe(0);
    expect(await make(picture)).toMatchObject({ foreground: 'alpha' });
  });

  it('larger than the working size: reduced', async () => {
    const wide = await flat(9_000, 60, '#fff')
      .composite([{ input: await flat(4_000, 20, '#000').png().toBuffer() }])
      .png()
      .toBuffer();
    const { report } = await make(wide);
    expect(report.max[0]! - report.min[0]!).toBeCloseTo(100 * (4 / 9), 0);
  });
});

/** A small file that claims to be a large picture. */
async function claiming(width: number, height: number): Promise<Buffer> {
  const png = await flat(4, 4, '#000').png().toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

const damaged = async () => (await hills(300, 300)).subarray(0, 9_000);

it.each<[string, () => Promise<Buffer> | Buffer, Wish, RegExp]>([
  ['no picture', () => Buffer.from('hello'), {}, /cannot be read as a picture/],
  ['nothing', () => Buffer.alloc(0), {}, /cannot be read as a picture/],
  [
    'SVG',
    () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'),
    {},
    /SVG is a drawing/,
  ],
  ['a truncated file', damaged, {}, /damaged or incomplete/],
  ['a truncated file, as relief', damaged, relief, /damaged or incomplete/],
  ['one pixel', () => flat(1, 1, '#000').png().toBuffer(), {}, /1 × 1 pixels; at least 2 × 2/],
  ['30,000 pixels', () => flat(30_000, 2, '#000').png().toBuffer(), {}, /30000 × 2 pixels; at most 16384/],
  ['too many pixels', () => claiming(16_000, 10_000), {}, /120 million/],
  ['a file that claims to be large', () => claiming(9_000, 9_000), {}, /damaged or incomplete/],
  ['one colour', () => flat(50, 50, '#456').png().toBuffer(), {}, /all foreground|no foreground/],
  ['nothing large enough', () => gear(100), { silhouette: { minAreaPx: 1e6 } }, /larger than min_area_px/],
])('refuses %s', async (_, picture, options, message) => {
  const error: unknown = await make(await picture(), options).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ name: 'JobFailure', code: 'INVALID_INPUT', retryable: false });
  expect((error as Error).message).toMatch(message);
});

it('survives any damage to a file with an answer', async () => {
  const whole = await gear(120);
  for (let i = 0; i < 60; i += 1) {
    const broken = Buffer.from(whole);
    for (let k = 0; k < 3; k += 1) broken[(i * 7919 + k * 104_729) % broken.length]! ^= 1 << ((i + k) % 8);
    const outcome: unknown = await make(broken).catch((cause: unknown) => cause);
    if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'JobFailure', code: 'INVALID_INPUT' });
    else expect(outcome).toMatchObject({ report: { watertight: true } });
  }
});

it('passes the Khronos validator in every mode', async () => {
  const wishes: [Buffer, Wish][] = [
    [await gear(300), { silhouette: { bevelMm: 1, basePlateMm: 1 } }],
    [await hills(200, 150), relief],
    [await hills(200, 150), { mode: MeshOptions_Mode.LITHOPHANE }],
  ];
  for (const [image, options] of wishes) {
    const { files } = await make(image, options);
    const { issues } = await validateBytes(await readFile(files.find(({ format }) => format === 'glb')!.path));
    expect(issues).toMatchObject({ numErrors: 0, numWarnings: 0 });
  }
});

const volcano = new URL('../../../../../shared/data/images/volcano.json', import.meta.url);
(existsSync(volcano) ? it : it.skip)('makes a real mountain', async () => {
  const { width, height, values } = JSON.parse(readFileSync(volcano, 'utf8')) as {
    width: number;
    height: number;
    values: number[];
  };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const levels = Uint16Array.from(values, (value) => Math.round(((value - low) / (high - low)) * 65_535));
  const image = await sharp(levels, { raw: { width, height, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toBuffer();
  const { report, maxError } = await make(image, { ...relief, relief: { heightMm: 20 } });
  expect(report).toMatchObject({ watertight: true, genus: 0 });
  expect(report.max[2]).toBeCloseTo(21, 3);
  expect(maxError).toBeLessThanOrEqual(0.01);
});
