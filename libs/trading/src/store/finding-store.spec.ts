import { migratedSource } from '@roundhouse/testing';
import type { WindowFinding } from '../biases/bias-tag.js';
import { FindingStore } from './finding-store.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

const owner = { tenantId: 'acme', userId: 'ada' };
const day = (n: number) => new Date(Date.UTC(2026, 0, n, 15));

const finding: WindowFinding = {
  label: 'disposition',
  status: 'insufficient_data',
  confidence: null,
  pValue: null,
  adjustedPValue: null,
  features: { sales: 3 },
  method: 'Odean 1998',
  n: 3,
  baseline: null,
  insight: 'Too few sales.',
};

it('keeps the findings of a window once, also when a side of it is open', async () => {
  const findings = new FindingStore(source);
  const window = { since: day(4) };
  for (let run = 0; run < 2; run++) {
    await source.transaction((tx) => findings.replaceWindow(tx, owner, window, [finding]));
  }
  expect(await findings.ofWindow(owner, window)).toEqual([finding]);
  expect(await findings.ofWindow(owner, {})).toEqual([]);
  expect(await findings.ofWindow({ ...owner, tenantId: 'other' }, window)).toEqual([]);
});

it('gives the findings of the last scoring that looked at a time', async () => {
  const findings = new FindingStore(source);
  const newer = { ...finding, status: 'not_tagged' as const, n: 30 };
  await source.transaction((tx) => findings.replaceWindow(tx, owner, { since: day(4) }, [finding]));
  await source.transaction((tx) => findings.replaceWindow(tx, owner, { until: day(6) }, [newer]));
  expect(await findings.latest(owner, { since: day(4), until: day(5) })).toEqual([newer]);
  expect(await findings.latest(owner, { since: day(6), until: day(7) })).toEqual([finding]);
  expect(await findings.latest({ ...owner, tenantId: 'other' }, { since: day(4), until: day(5) })).toEqual([]);
});
