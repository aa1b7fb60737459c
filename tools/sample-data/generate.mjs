// Writes examples/trading: invented daily bars and the fills of one invented trader. Deterministic: the same seed gives the same files.
//   node tools/sample-data/generate.mjs [--check]
// --check writes nothing and fails if the files differ from what would be written.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inventBars } from './invented-bars.mjs';
import { inventTrader } from './invented-trader.mjs';
import { barsCsv, genericCsv, mapping, schwabCsv } from './csv-files.mjs';

const SEED = 20260626;
const SESSIONS = 520;
/** A Friday: the last session, so that the last week is a complete one. */
const LAST_DAY = '2026-06-26';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../examples/trading');
const bars = inventBars({ seed: SEED, sessions: SESSIONS, lastDay: LAST_DAY });
const fills = inventTrader({ seed: SEED + 1, bars });

const files = new Map([
  ...[...bars].map(([symbol, rows]) => [`bars/${symbol}.csv`, barsCsv(rows)]),
  ['fills.csv', schwabCsv(fills)],
  ['fills-generic.csv', genericCsv(fills)],
  ['fills-generic.mapping.json', `${JSON.stringify(mapping, null, 2)}\n`],
]);

if (process.argv.includes('--check')) {
  const different = [...files]
    .filter(([name, text]) => readOrNull(path.join(folder, name)) !== text)
    .map(([name]) => name);
  if (different.length > 0) {
    console.error(`Not as generated: ${different.join(', ')}. Run node tools/sample-data/generate.mjs`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(path.join(folder, 'bars'), { recursive: true });
  for (const [name, text] of files) writeFileSync(path.join(folder, name), text);
  console.log(
    `${files.size} files, ${fills.length} fills, ${bars.size} symbols in ${path.relative(process.cwd(), folder)}`,
  );
}

function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
