import { measureScoring } from './scoring-benchmark.js';

it('measures what it says', () => {
  const { trades, seconds, tradesPerSecond } = measureScoring({ users: 2 });
  expect(trades).toBeGreaterThan(500);
  expect(tradesPerSecond).toBeCloseTo(trades / seconds, 6);
});
