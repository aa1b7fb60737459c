import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { register } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// `node --conditions=@roundhouse/source --import <this file> <file>.ts` runs TypeScript from its sources, so that tests of
// whole processes never run an old build. Node loads the hooks below in a thread of their own.
if (isMainThread) register(import.meta.url);

const options = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2022',
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
  swcrc: false,
};

export async function resolve(specifier, context, nextResolve) {
  const relative = specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts');
  if (!relative) return nextResolve(specifier, context);
  return nextResolve(specifier.replace(/\.js$/, '.ts'), context).catch(() => nextResolve(specifier, context));
}

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const code = await compiled(await readFile(filename, 'utf8'), filename);
  return { format: 'module', source: code, shortCircuit: true };
}

// Compiling hundreds of files anew at every start of every process would take longer than most tests.
const cache = fileURLToPath(new URL('../../../node_modules/.cache/source-loader', import.meta.url));

async function compiled(source, filename) {
  const hash = createHash('sha256')
    .update(JSON.stringify([options, filename, source]))
    .digest('hex');
  const file = join(cache, `${hash}.js`);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return kept;
  const { transform } = await import('@swc/core');
  const { code } = await transform(source, { ...options, filename });
  await mkdir(cache, { recursive: true });
  // Whole or not at all: other processes, and other threads of this one, compile the same file at the same time.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, code);
  await rename(draft, file);
  return code;
}
