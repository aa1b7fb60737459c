const whole = new Intl.NumberFormat('en-GB');
const short = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });

/** "1,204" */
export const formatCount = (count: number): string => whole.format(count);

/** A count that was not counted beyond `cap`: "100,000+" when it got there. */
export const formatCapped = (count: number, cap: number): string =>
  count >= cap ? `${whole.format(cap)}+` : whole.format(count);

/** "1 job", "1,204 jobs" */
export const formatCounted = (count: number, one: string, many = `${one}s`): string =>
  `${whole.format(count)} ${count === 1 ? one : many}`;

/** Three digits: "1,230", "0.123" */
export const formatNumber = (value: number): string =>
  value >= 1000 ? whole.format(Math.round(value)) : short.format(value);

/** "2.4 %" of a share between 0 and 1. */
export const formatShare = (share: number): string => `${short.format(share * 100)} %`;
