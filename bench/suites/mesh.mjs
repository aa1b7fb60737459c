import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { machine } from '../set-up/machine.mjs';
import { shapesImage, terrainImage } from '../set-up/terrain.mjs';
import { quantile, rounded } from '../statistics.mjs';
import { threadScaling } from './mesh-threads.mjs';
import { triangulationSpeed } from './mesh-triangulation.mjs';

const run = promisify(execFile);
const processFile = fileURLToPath(new URL('../processes/mesh-engine.mjs', import.meta.url));
// Numbers of the contract's enums: the engine's own process reads them from there.
const [silhouette, relief] = [1, 2];
const formats = [1, 2]; // GLB and STL

/** A run of each engine in a process of its own; the first, which compiles, is left out of the time. */
async function measure(imagePath, mode, runs) {
  const task = { imagePath, options: { mode, formats }, runs: runs + 1 };
  const { stdout } = await run(process.execPath, [processFile, JSON.stringify(task)]);
  const { seconds, ...rest } = JSON.parse(stdout);
  return { ...rest, seconds: quantile(seconds.slice(1), 0.5) };
}

const facts = ({ seconds, triangles, maxError, iou }) => ({
  seconds: rounded(seconds, 3),
  triangles,
  ...(maxError !== undefined && { max_error: rounded(maxError, 5) }),
  ...(iou !== undefined && { iou: rounded(iou, 4) }),
});

/** From the picture's file to inspected GLB and STL files, as the worker does it. */
export async function meshSuite({ rounds, note }) {
  const folder = await mkdtemp(join(tmpdir(), 'mesh-suite-'));
  const load = rounded(loadavg()[0], 1);
  try {
    const path = (name) => join(folder, `${name}.png`);
    note('drawing pictures');
    await terrainImage(1024, path('terrain-1024'));
    await terrainImage(4096, path('terrain-4096'));
    await shapesImage(4096, path('shapes-4096'));
    const results = {
      relief_1024: await measure(path('terrain-1024'), relief, rounds),
      relief_4096: await measure(path('terrain-4096'), relief, rounds),
      silhouette_4096: await measure(path('shapes-4096'), silhouette, rounds),
    };
    for (const [name, { seconds, triangles }] of Object.entries(results))
      note(`${name}: ${rounded(seconds, 3)} s, ${triangles} triangles`);
    const triangulation = await triangulationSpeed(path('terrain-1024'), rounds);
    note(`triangulation of 1024²: ours ${triangulation.seconds} s, delatin ${triangulation.delatin.seconds} s`);
    const scaling = await threadScaling(path('terrain-1024'), { mode: relief, formats }, rounds);
    note(`${scaling.threads} threads make ${scaling.ratio} times as many meshes as one`);
    return {
      suite: 'mesh',
      ...Object.fromEntries(Object.entries(results).map(([name, result]) => [name, facts(result)])),
      peak_rss_mb: Math.round(Math.max(...Object.values(results).map(({ peakRssMb }) => peakRssMb))),
      triangulation_1024: triangulation,
      scaling,
      rounds,
      load_at_start: load,
      machine: machine(),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function describeMesh(result) {
  const line = (name) => {
    const { seconds, triangles, max_error: error, iou } = result[name];
    return `${name}: ${seconds} s, ${triangles} triangles, ${iou === undefined ? `error ${error}` : `overlap ${iou}`}`;
  };
  const { triangulation_1024: own, scaling: scale } = result;
  return [
    ...['relief_1024', 'relief_4096', 'silhouette_4096'].map(line),
    `triangulation of 1024² alone: ${own.seconds} s, ${own.ratio_to_delatin} of delatin's time with ${own.triangles} triangles to ${own.delatin.triangles}`,
    `${scale.threads} threads make ${scale.per_second.all_threads} reliefs a second, ${scale.ratio} times as many as one · peak memory ${result.peak_rss_mb} MB`,
  ].join('\n');
}
