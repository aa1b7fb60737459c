import { probabilityGreater } from '../statistics/beta-posterior.js';
import { normalTail } from '../statistics/exact-tests.js';
import type { WindowTest } from './bias-tag.js';
import type { SaleDay } from './sale-day.js';

export interface RealizationCounts {
  realizedGains: number;
  paperGains: number;
  realizedLosses: number;
  paperLosses: number;
}

const NONE: RealizationCounts = { realizedGains: 0, paperGains: 0, realizedLosses: 0, paperLosses: 0 };

/**
 * Odean's counts (1998): on each day with a sale out of ≥ 2 holdings, a sale is a realized gain or loss against the average purchase price
 * (fees in); each unsold holding is a paper gain if the day's low is above its average cost, a paper loss if the high is below it.
 */
export function countRealizations(days: readonly SaleDay[]): RealizationCounts {
  return days.map(countDay).reduce(
    (sum, day) => ({
      realizedGains: sum.realizedGains + day.realizedGains,
      paperGains: sum.paperGains + day.paperGains,
      realizedLosses: sum.realizedLosses + day.realizedLosses,
      paperLosses: sum.paperLosses + day.paperLosses,
    }),
    NONE,
  );
}

function countDay({ date, held, sales }: SaleDay): RealizationCounts {
  if (held.length < 2) return NONE;
  const counts = { ...NONE };
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
  return counts;
}

/**
 * One-sided p-value of Mantel and Haenszel's test with the days as strata: given what was held and how much was sold on each day, were more
 * of the sales gains than a draw among the holdings would give?
 */
export function withinDaysPValue(days: readonly RealizationCounts[]): number {
  let [surplus, variance] = [0, 0];
  for (const { realizedGains: rg, paperGains: pg, realizedLosses: rl, paperLosses: pl } of days) {
    const [gains, losses, sold] = [rg + pg, rl + pl, rg + rl];
    const n = gains + losses;
    if (n < 2) continue;
    surplus += rg - (sold * gains) / n;
    variance += (sold * (n - sold) * gains * losses) / (n * n * (n - 1));
  }
  return variance === 0 ? 1 : normalTail(surplus / Math.sqrt(variance));
}

/** Gains and losses that could have been realized; fewer of either and the two shares say nothing. */
const MINIMUM_CHANCES = 10;
/** Shares of the average household (Odean 1998, 10,000 accounts, 1987–1993). */
const PUBLISHED = { pgr: 0.148, plr: 0.098 };

/**
 * Sells winners sooner than losers. Two figures have to agree: Odean's, P(θG > θL) of the two shares' posteriors over all days, and the
 * comparison within each day. The first alone fires on 9 % of unbiased traders: on days when everything is up every sale is a gain, and when
 * such days happen to have smaller portfolios the gains look sold more readily. The confidence is the smaller of the two.
 */
export function disposition(days: readonly SaleDay[]): WindowTest {
  const counts = countRealizations(days);
  const { realizedGains: rg, paperGains: pg, realizedLosses: rl, paperLosses: pl } = counts;
  const [gains, losses] = [rg + pg, rl + pl];
  const test = {
    label: 'disposition',
    method: "smaller of P(θG>θL) (Odean's PGR and PLR, uniform priors) and 1 − p of Mantel–Haenszel over days",
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
  const posterior = probabilityGreater(rg, pg, rl, pl);
  const confidence = Math.min(posterior, 1 - withinDaysPValue(days.map(countDay)));
  return {
    ...test,
    pValue: 1 - confidence,
    confidence,
    flagged: pgr > plr,
    features: {
      ...counts,
      pgr,
      plr,
      posterior,
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
