// One engine in a process of its own, so that its memory is measured alone: node mesh-engine.mjs <task as JSON>
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineSettings } from '../../apps/mesh/dist/engine/engine-settings.js';
import { makeMesh } from '../../apps/mesh/dist/engine/make-mesh.js';

const { imagePath, options, runs } = JSON.parse(process.argv[2]);
const folder = await mkdtemp(join(tmpdir(), 'mesh-bench-'));
const settings = engineSettings(options);
const seconds = [];
let made;
try {
  for (let run = 0; run < runs; run += 1) {
    const begin = performance.now();
    made = await makeMesh({ imagePath, folder, name: 'bench', settings }, () => undefined);
    seconds.push((performance.now() - begin) / 1000);
  }
} finally {
  await rm(folder, { recursive: true });
}
const { triangles } = made.report;
const peakRssMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ seconds, triangles, iou: made.iou, maxError: made.maxError, peakRssMb }));
