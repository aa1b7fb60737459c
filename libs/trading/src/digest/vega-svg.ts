import type { TopLevelSpec } from 'vega-lite';

/**
 * Colours are CSS custom properties of the page, so that one picture serves light and dark; SVG presentation attributes may hold `var()`.
 */
const config: TopLevelSpec['config'] = {
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: 'var(--muted)',
    titleColor: 'var(--muted)',
    domainColor: 'var(--line)',
    tickColor: 'var(--line)',
    gridColor: 'var(--line)',
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
};

let engine: ReturnType<typeof loadEngine> | undefined;

/**
 * 60 MiB that only who draws shall hold: every worker of the trading domain imports this package. One after the other, since they share modules,
 * and once for all charts that are drawn at the same time.
 */
async function loadEngine() {
  const vega = await import('vega');
  const { compile } = await import('vega-lite');
  return { vega, compile };
}

/**
 * A Vega-Lite chart as one inline SVG element without scripts, styles or references, described once for screen readers.
 *
 * @param description says what the picture shows; it becomes the accessible name
 */
export async function vegaSvg(spec: TopLevelSpec, description: string, className: string): Promise<string> {
  const { vega, compile } = await (engine ??= loadEngine());
  const compiled = compile({ background: 'transparent', ...spec, config }, { logger: quiet }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Error });
  try {
    const svg = await view.toSVG();
    const name = description.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
    return svg.replace(PER_MARK, '').replace('<svg', `<svg class="${className}" role="img" aria-label="${name}"`);
  } finally {
    view.finalize();
  }
}

/**
 * Roles and names of every single mark: read out one by one they would say less than the one name, or the table beside the chart. Classes
 * are Vega's own. Attribute values have their quotes escaped, so none of them holds one.
 */
const PER_MARK = / (?:role|aria-[a-z]+|class|xmlns:xlink)="[^"]*"/g;

/** Vega-Lite's warnings are about data we make ourselves; errors are thrown. */
const quiet = {
  level: () => quiet,
  warn: () => quiet,
  info: () => quiet,
  debug: () => quiet,
  error: () => quiet,
} as never;
