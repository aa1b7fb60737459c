import { exhaustedWaitMs, refusedWaitMs, resetMs, retryAfterMs } from './rate-limit.js';

const now = Date.UTC(2026, 10, 22, 12, 0, 0);
const at = (ms: number): string => new Date(ms).toUTCString();

describe('rate-limit headers', () => {
  it('reads Retry-After as seconds or as a date', () => {
    expect(retryAfterMs({ 'retry-after': '7' }, now)).toBe(7_000);
    expect(retryAfterMs({ 'retry-after': at(now + 90_000) }, now)).toBe(90_000);
    expect(retryAfterMs({ 'retry-after': at(now - 90_000) }, now)).toBe(0);
    expect(retryAfterMs({ 'retry-after': 'soon' }, now)).toBeUndefined();
    expect(retryAfterMs({}, now)).toBeUndefined();
  });

  it('waits one second longer than the reset', () => {
    expect(resetMs({ 'x-ratelimit-reset': String(now / 1000 + 3) }, now)).toBe(4_000);
    expect(resetMs({ 'x-ratelimit-reset': 'NaN' }, now)).toBeUndefined();
  });

  it('measures absolute times against the clock of the server', () => {
    const wrong = now + 3_600_000;
    expect(resetMs({ date: at(now), 'x-ratelimit-reset': String(now / 1000 + 3) }, wrong)).toBe(4_000);
    expect(retryAfterMs({ date: at(now), 'retry-after': at(now + 5_000) }, wrong)).toBe(5_000);
  });

  it('prefers Retry-After and bounds nonsense', () => {
    expect(refusedWaitMs({ 'retry-after': '2', 'x-ratelimit-reset': String(now / 1000 + 60) }, now)).toBe(2_000);
    expect(retryAfterMs({ 'retry-after': '9'.repeat(40) }, now)).toBe(7 * 24 * 3_600_000);
  });

  it('waits before the next request only when nothing remains', () => {
    const reset = { 'x-ratelimit-reset': String(now / 1000 + 3) };
    expect(exhaustedWaitMs({ ...reset, 'x-ratelimit-remaining': '0' }, now)).toBe(4_000);
    expect(exhaustedWaitMs({ ...reset, 'x-ratelimit-remaining': '1' }, now)).toBe(0);
    expect(exhaustedWaitMs(reset, now)).toBe(0);
  });
});
