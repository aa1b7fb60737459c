/** Median of the values; NaN of none. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** Quantile by linear interpolation between order statistics (R's type 7); NaN of none. */
export function quantile(values: ArrayLike<number>, share: number): number {
  return quantileOfSorted(Float64Array.from(values).sort(), share);
}

/** The same for values that are sorted already. */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return NaN;
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const low = sorted[below]!;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}

/** Median absolute deviation from the median, unscaled; times 1.4826 it estimates a normal distribution's standard deviation. */
export function medianAbsoluteDeviation(values: ArrayLike<number>): number {
  const centre = median(values);
  return median(Float64Array.from(values, (value) => Math.abs(value - centre)));
}

/** Share of the sample that is ≤ value; NaN of none. */
export function empiricalPercentile(sample: ArrayLike<number>, value: number): number {
  let below = 0;
  for (let i = 0; i < sample.length; i++) if (sample[i]! <= value) below += 1;
  return below / sample.length;
}
