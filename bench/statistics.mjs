/** Of an unsorted list of numbers: the value below which `share` (0 … 1) of them lie. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  return below + (sorted[Math.ceil(position)] - below) * (position % 1);
}

/** What is told of a contender's rounds. */
export function summary(rates) {
  return {
    median: Math.round(quantile(rates, 0.5)),
    min: Math.round(Math.min(...rates)),
    max: Math.round(Math.max(...rates)),
  };
}

export const rounded = (value, digits = 2) => Number(value.toFixed(digits));
