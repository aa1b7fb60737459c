import { binomialTail } from '../statistics/exact-tests.js';
import { LEVEL, type TradeTag } from './bias-tag.js';
import type { Entry } from './decision.js';
import { BELOW_COST_IN_ATR } from './holding.js';
import { ScheduledBuys } from './scheduled-buys.js';

/**
 * Adding to a long well below its cost: price < average cost − 0.5 ATR14.
 *
 * The bare rule would tag every second or third add of somebody who adds at random, because positions spend that much time below cost. So
 * the confidence compares the user's adds so far with chance: if adding had nothing to do with losing, the share of adds made below cost
 * would be the share of held days spent below cost. It is 1 − p of the one-sided binomial test on adds and days up to this entry; one add
 * is never a pattern. Buys on a schedule are left out, and so are adds on the day of the opening, which is one decision in several orders.
 *
 * @param entries one user's, in time order
 */
export function averagingDown(entries: readonly Entry[]): TradeTag[] {
  const tags: TradeTag[] = [];
  const scheduled = new ScheduledBuys();
  const lastAdd = new Map<string, string>();
  let [adds, addsBelow, ownBelow] = [0, 0, 0];
  for (const entry of entries) {
    if (entry.direction !== 'long') continue;
    const onSchedule = scheduled.continues(entry);
    const { series, lastBar, heldDays, averageCost, date } = entry;
    if (entry.kind === 'open' || heldDays === null || averageCost === null || series === null || onSchedule) continue;
    const range = series.atr14[lastBar];
    if (range === undefined || Number.isNaN(range) || date === entry.openedOn) continue;
    if (lastAdd.get(entry.symbol) === date) continue;
    lastAdd.set(entry.symbol, date);

    const below = entry.price < averageCost - BELOW_COST_IN_ATR * range;
    adds += 1;
    addsBelow += below ? 1 : 0;
    if (!below) continue;
    ownBelow += 1;
    // The days of the adds count as held days too, and one day of each kind is assumed: a short record must not look like certainty.
    const expected = (heldDays.belowCost + ownBelow + 1) / (heldDays.all + adds + 2);
    const confidence = 1 - binomialTail(addsBelow, adds, expected);
    if (confidence < 1 - LEVEL) continue;
    tags.push({
      label: 'averaging_down',
      symbol: entry.symbol,
      fillId: entry.fillId,
      at: entry.at,
      confidence,
      features: {
        averageCost,
        price: entry.price,
        belowCostInAtr: (averageCost - entry.price) / range,
        adds,
        addsBelowCost: addsBelow,
        shareOfDaysBelowCost: expected,
        barDate: series.bars[lastBar]!.date,
      },
      method: 'binomial test of adds below cost − 0.5 ATR14 against the share of held days below it, up to this entry',
      n: adds,
      baseline: expected,
      insight: `You added to ${entry.symbol} ${((averageCost - entry.price) / range).toFixed(1)} average ranges below your cost; ${addsBelow} of your ${adds} adds so far were below cost, and your positions spend about ${Math.round(expected * 100)} % of their days there. That is consistent with averaging down. Investors are about one and a half times likelier to add to losers; a largest size per position, set at the entry, puts a limit to it.`,
    });
  }
  return tags;
}
