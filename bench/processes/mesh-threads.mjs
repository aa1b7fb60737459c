// The worker's threads in a process of its own: node mesh-threads.mjs <task as JSON>
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineSettings } from '../../apps/mesh/dist/engine/engine-settings.js';
import { EngineThreads } from '../../apps/mesh/dist/engine/engine-threads.js';

const { imagePath, options, threads, images } = JSON.parse(process.argv[2]);
const folder = await mkdtemp(join(tmpdir(), 'mesh-bench-'));
const pool = new EngineThreads({ threads, timeoutMs: 600_000, heapMb: 512 });
const signal = new AbortController().signal;

/** As many meshes as `n`, as fast as the threads take them. */
async function make(n) {
  const settings = engineSettings(options);
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: n }, async () => {
      const own = await mkdtemp(join(folder, 'task-'));
      await pool.run('make', { imagePath, folder: own, name: 'bench', settings }, { signal });
      await rm(own, { recursive: true });
    }),
  );
  return n / ((performance.now() - begin) / 1000);
}

try {
  await make(2 * threads); // compiles
  const perSecond = await make(images);
  process.stdout.write(JSON.stringify({ perSecond, peakRssMb: process.resourceUsage().maxRSS / 1024 }));
} finally {
  await pool.close();
  await rm(folder, { recursive: true });
}
