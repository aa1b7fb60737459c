import { migratedSource } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import type { BiasTag } from '../biases/bias-tag.js';
import { TagStore } from './tag-store.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

const owner = { tenantId: 'acme', userId: 'ada' };
const day = (n: number) => new Date(Date.UTC(2026, 0, n, 15));

function tag(label: BiasTag['label'], scope: BiasTag['scope'], at: Date): BiasTag {
  return {
    id: randomUUID(),
    userId: owner.userId,
    label,
    scope,
    symbol: scope === 'trade' ? 'KEST' : null,
    fillId: scope === 'trade' ? randomUUID() : null,
    roundTripId: null,
    at,
    confidence: 0.97,
    features: { dist: 2.5, note: "it's {odd}", flag: true, none: null },
    method: 'empirical percentile',
    n: 40,
    baseline: null,
    insight: 'This is consistent with following a move.',
  };
}

it("replaces a window's tags and leaves the others alone", async () => {
  const tags = new TagStore(source);
  const replace = (window: { since?: Date; until?: Date }, found: BiasTag[]) =>
    source.transaction((tx) => tags.replaceWindow(tx, owner, window, found));
  const first = [
    tag('chasing', 'trade', day(1)),
    tag('revenge', 'trade', day(4)),
    tag('disposition', 'window', day(4)),
  ];
  await replace({}, first);
  expect(await tags.inWindow(owner, { since: day(1), until: day(2) })).toEqual([first[0]]);
  const second = [tag('chasing', 'trade', day(4)), tag('disposition', 'window', day(4))];
  for (let run = 0; run < 2; run++) await replace({ since: day(4), until: day(5) }, second);
  const ids = (await tags.inWindow(owner, {})).map(({ id }) => id).sort();
  expect(ids).toEqual([first[0]!, ...second].map(({ id }) => id).sort());
  expect(await tags.inWindow({ ...owner, tenantId: 'other' }, {})).toEqual([]);
});

it('pages through tags, filtered by label and scope', async () => {
  const tags = new TagStore(source);
  const found = [1, 2, 3].map((n) => tag('chasing', 'trade', day(n)));
  await source.transaction((tx) => tags.replaceWindow(tx, owner, {}, [...found, tag('overtrading', 'window', day(3))]));
  const first = await tags.page(owner, { label: 'chasing', scope: 'trade' }, { limit: 2 });
  expect(first.rows).toEqual([found[2], found[1]]);
  const rest = await tags.page(owner, { label: 'chasing' }, { limit: 2, cursor: first.nextCursor });
  expect([rest.rows, rest.nextCursor]).toEqual([[found[0]], undefined]);
  expect((await tags.page(owner, { scope: 'window' }, { limit: 9 })).rows).toHaveLength(1);
});
