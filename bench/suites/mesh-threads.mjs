import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { quantile, rounded } from '../statistics.mjs';

const run = promisify(execFile);
const processFile = fileURLToPath(new URL('../processes/mesh-threads.mjs', import.meta.url));
const images = 16;

/** Meshes a second of one worker with as many threads as there are cores, over those with one thread; the two take turns. */
export async function threadScaling(imagePath, options, rounds) {
  const cores = availableParallelism();
  const rate = async (threads) => {
    const { stdout } = await run(process.execPath, [
      processFile,
      JSON.stringify({ imagePath, options, threads, images }),
    ]);
    return JSON.parse(stdout);
  };
  const [one, all] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    one.push(await rate(1));
    all.push(await rate(cores));
  }
  const middle = (runs) =>
    quantile(
      runs.map(({ perSecond }) => perSecond),
      0.5,
    );
  return {
    threads: cores,
    per_second: { one_thread: rounded(middle(one)), all_threads: rounded(middle(all)) },
    ratio: rounded(middle(all) / middle(one)),
    peak_rss_mb: Math.round(Math.max(...all.map(({ peakRssMb }) => peakRssMb))),
  };
}
