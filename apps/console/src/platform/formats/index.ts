/** How ids, numbers, durations and moments are written and read, in a given time zone. */
export { isFingerprint, isId } from './ids.js';
export { formatCapped, formatCount, formatCounted, formatNumber, formatShare } from './numbers.js';
export { formatAge, formatDuration, formatPeriod, formatTime, readTime } from './times.js';
export { momentOf, wallTimeOf } from './zoned-time.js';
