import { probabilityGreater } from '../statistics/beta-posterior.js';
import type { WindowTest } from './bias-tag.js';
import type { SaleDay } from './sale-day.js';

export interface RealizationCounts {
  realizedGains: number;
  paperGains: number;
  realizedLosses: number;
  paperLosses: number;
}

/**
 * Odean's counts (1998): on each day with a sale out of ≥ 2 holdings, a sale is a realized gain or loss against the average purchase price
 * (fees in); each unsold holding is a paper gain if the day's low is above its average cost, a paper loss if the high is below it.
 */
export function countRealizations(days: readonly SaleDay[]): RealizationCounts {
  const counts: RealizationCounts = { realizedGains: 0, paperGains: 0, realizedLosses: 0, paperLosses: 0 };
  for (const { date, held, sales } of days) {
    if (held.length < 2) continue;
    const sold = new Map(sales.map((sale) => [sale.symbol, sale]));
    for (const { symbol, averageCost, series } of held) {
      const sale = sold.get(symbol);
      if (sale !== undefined) {
        if (sale.price > sale.averageCost) counts.realizedGains += 1;
        else if (sale.price < sale.averageCost) counts.realizedLosses += 1;
        continue;
      }
      const bar = series?.indexByDate.get(date);
      if (bar === undefined) continue;
      if (series!.low[bar]! > averageCost) counts.paperGains += 1;
      else if (series!.high[bar]! < averageCost) counts.paperLosses += 1;
    }
  }
  return counts;
}

/** Gains and losses that could have been realized; fewer of either and the two shares say nothing. */
const MINIMUM_CHANCES = 10;
/** Shares of the average household (Odean 1998, 10,000 accounts, 1987–1993). */
const PUBLISHED = { pgr: 0.148, plr: 0.098 };

/** Sells winners sooner than losers: P(θG > θL) of the two shares' posteriors. */
export function disposition(days: readonly SaleDay[]): WindowTest {
  const counts = countRealizations(days);
  const { realizedGains: rg, paperGains: pg, realizedLosses: rl, paperLosses: pl } = counts;
  const [gains, losses] = [rg + pg, rl + pl];
  const test = {
    label: 'disposition',
    method: "P(θG>θL), Odean's PGR and PLR, uniform priors",
    n: gains + losses,
  } as const;
  if (gains < MINIMUM_CHANCES || losses < MINIMUM_CHANCES) {
    return {
      ...test,
      pValue: null,
      features: { ...counts },
      baseline: null,
      insight: `Needs sales on days with at least ${MINIMUM_CHANCES} gains and ${MINIMUM_CHANCES} losses to choose from; there were ${gains} and ${losses}.`,
    };
  }
  const [pgr, plr] = [rg / gains, rl / losses];
  const standardError = Math.sqrt((pgr * (1 - pgr)) / gains + (plr * (1 - plr)) / losses);
  const confidence = probabilityGreater(rg, pg, rl, pl);
  return {
    ...test,
    pValue: 1 - confidence,
    confidence,
    flagged: pgr > plr,
    features: {
      ...counts,
      pgr,
      plr,
      difference: pgr - plr,
      standardError,
      publishedPgr: PUBLISHED.pgr,
      publishedPlr: PUBLISHED.plr,
    },
    baseline: plr,
    insight: `You sold ${percent(pgr)} of the gains you could have taken and ${percent(plr)} of the losses. That is consistent with letting go of winners sooner than of losers. A rule for exits that is written down at the entry makes the two easier to treat alike.`,
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
