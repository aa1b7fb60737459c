import type { TopLevelSpec } from 'vega-lite';
import type { DigestSnapshot } from './digest-snapshot.js';
import { labelTitles } from './label-titles.js';
import { formatConfidence, formatMoney } from './format.js';
import { vegaSvg } from './vega-svg.js';

/** Both are drawn; the page shows the one that fits, so that letters keep their size on a telephone. */
const WIDTHS = { wide: 640, narrow: 300 } as const;

/** A line that belongs to no row; drawn over the rows it would be drawn once for each. */
const ONCE = { values: [{}] };

async function bothWidths(
  description: string,
  spec: (width: number, narrow: boolean) => TopLevelSpec,
): Promise<string> {
  const [wide, narrow] = await Promise.all([
    vegaSvg(spec(WIDTHS.wide, false), description, 'chart wide'),
    vegaSvg(spec(WIDTHS.narrow, true), description, 'chart narrow'),
  ]);
  return `${wide}${narrow}`;
}

export function pnlByDayChart({ days, currency }: DigestSnapshot): Promise<string> {
  const values = days.map(({ date, pnl }) => ({
    day: new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`)),
    pnl: Number(pnl),
    label: Number(pnl) === 0 ? '' : formatMoney(pnl, currency, 0),
    color: Number(pnl) < 0 ? 'var(--loss)' : 'var(--gain)',
  }));
  const description = `Profit by day: ${days.map(({ pnl }, i) => `${values[i]!.day} ${formatMoney(pnl, currency)}`).join(', ')}.`;
  // Room for the amounts above and below the bars.
  const [lowest, highest] = [
    Math.min(0, ...values.map(({ pnl }) => pnl)),
    Math.max(0, ...values.map(({ pnl }) => pnl)),
  ];
  const room = 0.16 * (highest - lowest || 1);
  const domain = lowest === highest ? [-1, 1] : [lowest < 0 ? lowest - room : 0, highest > 0 ? highest + room : 0];
  return bothWidths(description, (width, narrow) => {
    const axes = {
      x: {
        field: 'day',
        type: 'ordinal',
        sort: null,
        title: null,
        axis: { labelAngle: 0, ticks: false, domain: false },
      },
      y: {
        field: 'pnl',
        type: 'quantitative',
        scale: { domain },
        title: null,
        axis: { tickCount: 4, format: ',.0f', domain: false, ticks: false },
      },
    } as const;
    return {
      width: width - 60,
      height: 180,
      data: { values },
      layer: [
        {
          mark: { type: 'bar', width: { band: 0.6 } },
          encoding: { ...axes, color: { field: 'color', type: 'nominal', scale: null } },
        },
        {
          data: ONCE,
          mark: { type: 'rule', color: 'var(--muted)' },
          encoding: { y: { datum: 0 } },
        },
        ...([true, false] as const).map((up) => ({
          transform: [{ filter: up ? 'datum.pnl > 0' : 'datum.pnl < 0' }],
          mark: { type: 'text' as const, dy: up ? -8 : 10, fontSize: narrow ? 10 : 12, color: 'var(--ink)' },
          encoding: { ...axes, text: { field: 'label' } },
        })),
      ],
    };
  });
}

export function equityChart({ equity, currency }: DigestSnapshot): Promise<string> {
  const values = equity.days.map(({ date, total }) => ({ date, total: Number(total) }));
  const last = equity.days[equity.days.length - 1]!;
  const description = `Running profit since ${equity.since}: ${formatMoney(last.total, currency)} on ${last.date}.`;
  return bothWidths(description, (width, narrow) => {
    const axes = {
      x: {
        field: 'date',
        type: 'temporal',
        scale: { type: 'utc' },
        title: null,
        axis: { tickCount: narrow ? 3 : 6, format: '%-d %b', grid: false },
      },
      y: {
        field: 'total',
        type: 'quantitative',
        title: null,
        axis: { tickCount: 4, format: ',.0f', domain: false, ticks: false },
      },
    } as const;
    return {
      width: width - 60,
      height: 180,
      data: { values },
      layer: [
        { mark: { type: 'area', color: 'var(--accent)', opacity: 0.15, interpolate: 'step-after' }, encoding: axes },
        { mark: { type: 'line', color: 'var(--accent)', strokeWidth: 2, interpolate: 'step-after' }, encoding: axes },
        {
          data: ONCE,
          mark: { type: 'rule', color: 'var(--muted)' },
          encoding: { y: { datum: 0 } },
        },
      ],
    };
  });
}

/** Confidence of the window labels that had enough data, with the nominal 95 % as a line. Empty when there are none. */
export async function findingsChart({ findings }: DigestSnapshot): Promise<string> {
  const tested = findings.filter((finding) => finding.confidence !== null);
  if (tested.length === 0) return '';
  const values = tested
    .map(({ label, confidence, status }) => ({
      title: labelTitles[label],
      confidence: confidence!,
      text: formatConfidence(confidence!),
      color: status === 'tagged' ? 'var(--accent)' : 'var(--quiet)',
    }))
    .sort((a, b) => b.confidence - a.confidence);
  const description = `Confidence by pattern: ${values.map(({ title, text }) => `${title} ${text}`).join(', ')}.`;
  return bothWidths(description, (width, narrow) => {
    const ticks = narrow ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
    // Measured by the letters' usual width: without a browser the labels' room is only estimated, and estimated wide.
    const labels = narrow ? 150 : 185;
    const axes = {
      y: {
        field: 'title',
        type: 'nominal',
        sort: null,
        title: null,
        axis: {
          labelLimit: 0,
          labelFontSize: narrow ? 11 : 13,
          labelColor: 'var(--ink)',
          ticks: false,
          domain: false,
        },
      },
      x: {
        field: 'confidence',
        type: 'quantitative',
        scale: { domain: [0, 1] as number[] },
        title: null,
        axis: { values: ticks, format: '.0%', domain: false, ticks: false },
      },
    } as const;
    return {
      autosize: 'none',
      padding: { left: labels, right: 20, top: 6, bottom: 24 },
      width: width - labels - 20,
      height: 30 * values.length,
      data: { values },
      layer: [
        {
          mark: { type: 'bar', height: { band: 0.55 } },
          encoding: { ...axes, color: { field: 'color', type: 'nominal', scale: null } },
        },
        {
          data: ONCE,
          mark: { type: 'rule', color: 'var(--ink)', strokeDash: [4, 3] },
          encoding: { x: { datum: 0.95 } },
        },
      ],
    };
  });
}
