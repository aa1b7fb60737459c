import { Demo, field } from '../demo.mjs';
import { readInput } from '../demo-input.mjs';
import { print, printJson } from '../output.mjs';
import { startPlatform } from '../platform.mjs';
import { Rest } from '../rest.mjs';

/** `demo`: everything is set up and started when it is not, the trading coach runs on real input, and what was started is left running. */
export async function demo({ options, progress }) {
  const since = Date.now();
  const input = readInput(options.input);
  const platform = await startPlatform(progress, { extraMarketFolders: options.input ? [input.bars] : [] });
  const outcome = await new Demo({ rest: new Rest(platform.url, platform.apiKey), input, progress }).run();
  const seconds = Math.round((Date.now() - since) / 100) / 10;
  if (options.json) printJson(asFacts(outcome, seconds, platform));
  else print(asText(outcome, seconds, platform));
  progress.note('Everything is left running; ./roundhouse down stops it.');
}

function asFacts({ imported, scored, simulations, digest, statusUrl, jobs, traceId }, seconds, { url, keyFile }) {
  const tags = field(scored, 'tags') ?? 0;
  return {
    imported,
    scored: field(scored, 'trades'),
    tags,
    simulations: simulations.length,
    digest,
    jobs: jobs.length,
    trace_id: traceId,
    seconds,
    console_url: `${url}/`,
    status_url: statusUrl,
    api_key_file: keyFile,
  };
}

function simulationLine(simulation) {
  const actual = field(simulation, 'pnl_actual');
  const best = field(simulation, 'best_alternative');
  if (!best) return `Simulated    a trade that brought ${actual}: no alternative would have brought more`;
  return `Simulated    a trade that brought ${actual}: ${best} would have brought ${field(simulation, 'best_delta_pnl')} more`;
}

/** Four decimals are enough for a terminal; the digest itself has them all. */
function shorter(value) {
  const number = Number(value);
  return value === '' || !Number.isFinite(number) ? value : Number(number.toFixed(4));
}

function asText({ imported, scored, simulations, digest, statusUrl, jobs, traceId }, seconds, { url, keyFile }) {
  const labels = (field(scored, 'labels') ?? []).map(({ label, count }) => `${label} ${count}`).join(', ');
  const lines = [
    `Imported     ${imported} trades`,
    `Scored       ${field(scored, 'trades')} trades, ${field(scored, 'tags') ?? 0} tags${labels ? `: ${labels}` : ''}`,
    ...simulations.map(simulationLine),
    `Digest       ${digest.url}`,
    ...Object.entries(digest.stats)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([name, value]) => `  ${name.padEnd(24)} ${shorter(value)}`),
    `Trace        ${traceId}`,
    `${jobs.length} jobs, ${seconds} s. The digest's link needs no key and is valid for 7 days, the status page's for 24 hours;`,
    `console and REST API need the key in ${keyFile} ("api_key").`,
    '',
    `Console      ${url}/`,
    `Status page  ${statusUrl}`,
  ];
  return lines.join('\n');
}
