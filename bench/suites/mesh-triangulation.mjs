import Delatin from 'delatin';
import { openImage } from '../../apps/mesh/dist/image/open-image.js';
import { readHeights } from '../../apps/mesh/dist/image/read-heights.js';
import { heightError } from '../../apps/mesh/dist/relief/height-error.js';
import { triangulateHeights } from '../../apps/mesh/dist/relief/triangulate-heights.js';
import { quantile, rounded } from '../statistics.mjs';

const share = 0.01;
const full = 65_535;

function timed(rounds, work) {
  const seconds = [];
  let result;
  for (let round = 0; round <= rounds; round += 1) {
    const begin = performance.now();
    result = work();
    if (round > 0) seconds.push((performance.now() - begin) / 1000); // the first one compiles
  }
  return { result, seconds: quantile(seconds, 0.5) };
}

/** Our triangulation beside delatin's (the same algorithm, after fogleman/hmm) on the same heights, to the same error. */
export async function triangulationSpeed(imagePath, rounds) {
  const field = await readHeights(await openImage(imagePath), { invert: false, smoothingPx: 0 });
  const maxError = share * full;
  const ours = timed(rounds, () => triangulateHeights(field, { maxError, maxTriangles: 5_000_000 }));
  const floats = Float32Array.from(field.levels);
  const theirs = timed(rounds, () => {
    const delatin = new Delatin(floats, field.width, field.height);
    delatin.run(maxError);
    return delatin;
  });
  return {
    seconds: rounded(ours.seconds, 3),
    triangles: ours.result.triangles.length / 3,
    max_error: rounded(heightError(field, ours.result).max / full, 5),
    delatin: { seconds: rounded(theirs.seconds, 3), triangles: theirs.result.triangles.length / 3 },
    ratio_to_delatin: rounded(ours.seconds / theirs.seconds),
  };
}
