import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const [toGzip, toBrotli] = [promisify(gzip), promisify(brotliCompress)];
const compressible = /\.(js|css|svg|html|json)$/;

/** Writes `.gz` and `.br` beside every text file of the build; the gateway sends what the browser takes. */
export function precompressed(): Plugin {
  let folder = '';
  return {
    name: 'precompressed',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = join(root, build.outDir);
    },
    async closeBundle() {
      const files = (await readdir(folder, { recursive: true })).filter((name) => compressible.test(name));
      await Promise.all(files.map((name) => compress(join(folder, name))));
    },
  };
}

async function compress(file: string): Promise<void> {
  const bytes = await readFile(file);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  await Promise.all([
    writeFile(`${file}.gz`, await toGzip(bytes, { level: 9 })),
    writeFile(`${file}.br`, await toBrotli(bytes, quality)),
  ]);
}
