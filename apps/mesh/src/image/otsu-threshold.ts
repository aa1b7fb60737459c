/**
 * The brightness up to which a pixel is dark: where the variance between dark and bright is largest (Otsu 1979, "A threshold
 * selection method from gray-level histograms"). In the middle of equal ones; 255 for one brightness alone.
 */
export function otsuThreshold(pixels: Uint8Array): number {
  const histogram = new Uint32Array(256);
  for (let i = 0; i < pixels.length; i += 1) histogram[pixels[i]!]! += 1;
  const total = histogram.reduce((sum, n, value) => sum + n * value, 0);
  let darkCount = 0;
  let darkSum = 0;
  let best = 0;
  let first = 255;
  let last = 255;
  for (let value = 0; value < 255; value += 1) {
    darkCount += histogram[value]!;
    darkSum += histogram[value]! * value;
    const brightCount = pixels.length - darkCount;
    if (darkCount === 0 || brightCount === 0) continue;
    const distance = darkSum / darkCount - (total - darkSum) / brightCount;
    const variance = darkCount * brightCount * distance * distance;
    if (variance > best * (1 + 1e-12)) {
      best = variance;
      first = value;
    }
    if (variance >= best * (1 - 1e-12)) last = value;
  }
  return Math.floor((first + last) / 2);
}
