import { latencyClass, noLatencies, type MinuteFigures } from '@roundhouse/ledger';
import { StatisticsWindow } from './statistics-window.js';

const now = Date.UTC(2026, 10, 22, 12, 0, 30);
const ago = (minutes: number) => new Date(Math.floor(now / 60_000) * 60_000 - minutes * 60_000);

function row(minutes: number, kind: string, succeeded: number, runMs = 100): MinuteFigures {
  const runs = noLatencies();
  runs[latencyClass(runMs)] = succeeded;
  const counts = { started: succeeded, succeeded, failed: 0, dead: 0, muted: 0, cancelled: 0 };
  return { tenantId: 't', kind, minute: ago(minutes), ...counts, waits: noLatencies(), runs };
}

describe('the window of figures', () => {
  it('sums by minute over the hour, by ten minutes over the day, and by kind', async () => {
    const rows = [row(0, 'a', 5), row(0, 'b', 2), row(30, 'a', 10), row(600, 'a', 100)];
    const window = new StatisticsWindow(async (since) => rows.filter(({ minute }) => minute >= since));
    await window.refresh(now);
    const hour = window.hour(now);
    expect(hour.succeeded).toHaveLength(60);
    expect([hour.succeeded.at(-1), hour.succeeded.at(-31), hour.run_p50.at(-2)]).toEqual([7, 10, null]);
    expect(hour.run_p95.at(-1)).toBeGreaterThan(70);
    const day = window.day(now);
    expect(day.succeeded.reduce((sum, count) => sum + count)).toBe(117);
    expect([...window.kindsSince(now - 300_000)].map(([kind, { succeeded }]) => [kind, succeeded])).toEqual([
      ['a', 5],
      ['b', 2],
    ]);
  });

  it('reads again what may still grow, and counts nothing twice', async () => {
    const asked: Date[] = [];
    let rows = [row(1, 'a', 5)];
    const window = new StatisticsWindow(async (since) => {
      asked.push(since);
      return rows.filter(({ minute }) => minute >= since);
    });
    await window.refresh(now);
    rows = [row(1, 'a', 8)];
    await window.refresh(now + 5_000);
    expect(window.hour(now + 5_000).succeeded.at(-2)).toBe(8);
    expect(now - asked[1]!.getTime()).toBeLessThan(200_000);
  });
});
