import type { WindowFinding } from '../biases/bias-tag.js';
import { equityChart, findingsChart, pnlByDayChart } from './digest-charts.js';
import type { DigestSnapshot } from './digest-snapshot.js';
import { digestStyle } from './digest-style.js';
import {
  escapeHtml as e,
  formatDate,
  formatConfidence,
  formatHours,
  formatInstant,
  formatMoney,
  formatPercent,
} from './format.js';
import { labelTitles } from './label-titles.js';

/**
 * The digest as one self-contained page: no script, nothing loaded from elsewhere, light or dark as the reader prefers, charts as SVG with a
 * table or text beside each. Serve it with `digestContentSecurityPolicy`.
 */
export async function renderDigestHtml(snapshot: DigestSnapshot): Promise<string> {
  const { period, statistics } = snapshot;
  const charts =
    statistics.trades === 0 ? ['', ''] : await Promise.all([pnlByDayChart(snapshot), equityChart(snapshot)]);
  const title = `Your week of ${formatDate(period.start)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${e(title)}</title>
<style>${digestStyle}</style>
</head>
<body>
<main>
<h1>${e(title)}</h1>
<p class="sub">Monday ${e(formatDate(period.start))} up to Monday ${e(formatDate(period.end))}, ${e(period.zone)} time. Trades count in the week they were closed.</p>
${statistics.trades === 0 ? '<section><p>No trade was closed in this week.</p></section>' : figures(snapshot)}
${charts[0] && section('Profit by day', charts[0] + dayTable(snapshot))}
${charts[1] && section(`Running profit since ${formatDate(snapshot.equity.since)}`, charts[1])}
${await patterns(snapshot)}
${tagged(snapshot)}
${whatIfs(snapshot)}
${tradeTable(snapshot)}
<p class="note">Confidence says how far the figures are from what chance alone gives; it is no measure of a person and no diagnosis. Profits are after fees${otherFees(snapshot)}. This is a look back, not advice on what to trade.</p>
</main>
</body>
</html>
`;
}

function section(title: string, body: string): string {
  return `<section><h2>${e(title)}</h2>${body}</section>`;
}

function signed(amount: string, currency: string): string {
  const sign = Number(amount);
  return `<span class="${sign > 0 ? 'gain' : sign < 0 ? 'loss' : ''}">${e(formatMoney(amount, currency))}</span>`;
}

function figures({ statistics: s, currency }: DigestSnapshot): string {
  const money = (amount: string | null): string => (amount === null ? '–' : signed(amount, currency));
  const rows = (items: [string, string | null][]): string =>
    items
      .flatMap(([name, value]) => (value === null ? [] : [`<div><dt>${e(name)}</dt><dd>${value}</dd></div>`]))
      .join('');
  const hours = (value: number | null): string | null => (value === null ? null : e(formatHours(value)));
  const number = (value: number | null): string | null => (value === null ? null : value.toFixed(2));
  return `<section aria-label="Figures"><dl class="figures first">${rows([
    ['Profit after fees', money(s.netPnl)],
    ['Trades closed', String(s.trades)],
    ['Win rate', s.winRate === null ? '–' : formatPercent(s.winRate)],
    ['Profit factor', s.profitFactor === null ? 'no loss' : s.profitFactor.toFixed(2)],
  ])}</dl></section>
<section><h2>In detail</h2><dl class="figures">${rows([
    ['Average per trade', money(s.expectancy)],
    ['Average win', money(s.averageWin)],
    ['Average loss', money(s.averageLoss)],
    ['Largest win', money(s.largestWin)],
    ['Largest loss', money(s.largestLoss)],
    ['Fees of closed trades', e(formatMoney(s.fees, currency))],
    [
      'Largest drawdown',
      `${e(formatMoney(s.maxDrawdown.amount, currency))}${s.maxDrawdown.share === null ? '' : ` <span class="note">${formatPercent(s.maxDrawdown.share)}</span>`}`,
    ],
    ['Held on average', hours(s.meanHoldingHours)],
    ['Wins were held', hours(s.meanHoldingHoursOfWins)],
    ['Losses were held', hours(s.meanHoldingHoursOfLosses)],
    [
      'Win rate without break-even',
      s.breakEven === 0 || s.winRateWithoutBreakEven === null ? null : formatPercent(s.winRateWithoutBreakEven),
    ],
    ['Average R', number(s.meanR)],
    ['Sharpe ratio, 13 weeks', number(s.sharpe)],
    ['Sortino ratio, 13 weeks', number(s.sortino)],
  ])}</dl></section>`;
}

function dayTable({ days, currency }: DigestSnapshot): string {
  const rows = days.map(
    ({ date, trades, pnl }) =>
      `<tr><th scope="row">${e(formatDate(date))}</th><td class="number">${trades}</td><td class="number">${signed(pnl, currency)}</td></tr>`,
  );
  return `<details><summary>As a table</summary><div class="scroll"><table><thead><tr><th scope="col">Day</th><th scope="col" class="number">Trades</th><th scope="col" class="number">Profit</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></details>`;
}

async function patterns(snapshot: DigestSnapshot): Promise<string> {
  const { findings } = snapshot;
  if (findings.length === 0) return '';
  const found = findings.filter((finding) => finding.status === 'tagged');
  const waiting = findings.filter((finding) => finding.status === 'insufficient_data');
  const tested = findings.length - waiting.length;
  const summary =
    tested === 0
      ? 'There are not enough trades yet to look for patterns.'
      : `${found.length} of ${tested} patterns stand out from chance, after correcting for how many were looked for.`;
  const chart = await findingsChart(snapshot);
  return section(
    'Patterns in your trading',
    `<p>${summary}</p>${chart}${chart && '<p class="note">Confidence of each pattern; the dashed line is 95 %. Coloured ones stand out after the correction.</p>'}
${found.map(findingCard).join('')}
${waiting.length === 0 ? '' : `<details><summary>Not enough data yet (${waiting.length})</summary><ul>${waiting.map(({ label, insight }) => `<li><strong>${e(labelTitles[label])}</strong>: ${e(insight)}</li>`).join('')}</ul></details>`}`,
  );
}

function findingCard({ label, confidence, n, insight, method }: WindowFinding): string {
  return `<div class="finding"><h3>${e(labelTitles[label])}</h3><p>${e(insight)}</p><p class="note">Confidence ${e(formatConfidence(confidence ?? 0))} · ${n} observations · ${e(method)}</p></div>`;
}

function tagged({ tags, period }: DigestSnapshot): string {
  if (tags.length === 0) return '';
  const groups = tags.map(({ label, count, examples }) => {
    const items = examples.map(
      ({ at, confidence, insight }) =>
        `<li>${e(insight)} <span class="note">${e(formatInstant(at, period.zone))} · confidence ${e(formatConfidence(confidence))}</span></li>`,
    );
    return `<div class="finding quiet"><h3>${e(labelTitles[label])}: ${count} ${count === 1 ? 'trade' : 'trades'}</h3><ul>${items.join('')}</ul></div>`;
  });
  return section('Single trades worth a look', groups.join(''));
}

function whatIfs({ whatIfs: all, currency }: DigestSnapshot): string {
  const better = all
    .filter((one) => one.best !== null && one.bestDeltaPnl !== null)
    .sort((a, b) => Number(b.bestDeltaPnl) - Number(a.bestDeltaPnl))
    .slice(0, 10);
  if (better.length === 0) return '';
  const rows = better.map(
    ({ symbol, pnlActual, best, bestDeltaPnl, partial }) =>
      `<tr><th scope="row">${e(symbol)}</th><td class="number">${signed(pnlActual, currency)}</td><td class="wrap">${e(best!)}${partial ? ' <span class="note">(so far)</span>' : ''}</td><td class="number">${signed(bestDeltaPnl!, currency)}</td></tr>`,
  );
  return section(
    'What if',
    `<p class="note">The best of the simple alternatives, seen in hindsight. The best of many always looks good; it is for learning, not for regret.</p><div class="scroll" tabindex="0" role="region" aria-label="What if"><table><thead><tr><th scope="col">Symbol</th><th scope="col" class="number">Profit</th><th scope="col">If it had been</th><th scope="col" class="number">Difference</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
  );
}

function tradeTable({ trades, currency, period, statistics }: DigestSnapshot): string {
  if (trades.length === 0) return '';
  const price = (value: number | null): string => (value === null ? '–' : value.toFixed(2));
  const rows = trades.map(
    (trade) =>
      `<tr><th scope="row">${e(trade.symbol)}</th><td>${trade.direction}</td><td class="number">${e(trade.quantity)}</td><td>${e(formatInstant(trade.exitAt, period.zone))}</td><td class="number">${signed(trade.pnl, currency)}</td><td class="number">${price(trade.mae)}</td><td class="number">${price(trade.mfe)}</td><td>${e(trade.labels.map((label) => labelTitles[label]).join(', '))}</td></tr>`,
  );
  const shown =
    statistics.trades > trades.length ? ` The newest ${trades.length} of ${statistics.trades} are shown.` : '';
  return section(
    'Trades closed',
    `<p class="note">Against and for: the furthest the price went each way per unit, from daily bars, so approximate.${shown}</p><div class="scroll" tabindex="0" role="region" aria-label="Trades closed"><table><thead><tr><th scope="col">Symbol</th><th scope="col">Side</th><th scope="col" class="number">Quantity</th><th scope="col">Closed</th><th scope="col" class="number">Profit</th><th scope="col" class="number">Against</th><th scope="col" class="number">For</th><th scope="col">Worth a look</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
  );
}

function otherFees({ otherFees: fees }: DigestSnapshot): string {
  return fees.length === 0
    ? ''
    : `, except ${fees.map(({ amount, currency }) => e(`${amount} ${currency}`)).join(' and ')} of fees in other assets`;
}
