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
  if (options.json) printJson(asFacts(outcome, seconds));
  else print(asText(outcome, seconds, platform));
  progress.note('Everything is left running; ./roundhouse down stops it.');
}

function asFacts({ imported, scored, simulations, digest, jobs, traceId }, seconds) {
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
  };
}

function asText({ imported, scored, simulations, digest, jobs, traceId }, seconds, { keyFile }) {
  const labels = (field(scored, 'labels') ?? []).map(({ label, count }) => `${label} ${count}`).join(', ');
  const lines = [
    `Imported     ${imported} trades`,
    `Scored       ${field(scored, 'trades')} trades, ${field(scored, 'tags') ?? 0} tags${labels ? `: ${labels}` : ''}`,
    ...simulations.map(
      (simulation) =>
        `Simulated    best alternative ${field(simulation, 'best_alternative')}: ${field(simulation, 'best_delta_pnl')} against ${field(simulation, 'pnl_actual')}`,
    ),
    `Digest       ${digest.url}`,
    ...Object.entries(digest.stats)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([name, value]) => `  ${name.padEnd(24)} ${value}`),
    `Trace        ${traceId}`,
    `${jobs.length} jobs, ${seconds} s. The page needs the API key ("api_key" in ${keyFile}): curl -H "Authorization: Bearer …" ${digest.url}`,
  ];
  return lines.join('\n');
}
