import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Failure } from './failure.mjs';
import { copyId, projectRoot } from './home.mjs';

const shipped = join(projectRoot, 'examples/trading');

/** How Charles Schwab's transaction history begins, behind an optional title line. */
export function isSchwab(text) {
  return text.split(/\r?\n/, 3).some((line) => /^"?Date"?,"?Action"?,"?Symbol"?/i.test(line.replace(/^\uFEFF/, '')));
}

function fillsFile(folder) {
  const files = ['fills.csv', 'fills.xml'].map((name) => join(folder, name)).filter(existsSync);
  if (files.length !== 1) {
    throw new Failure(
      `${folder} must hold fills.csv or fills.xml${files.length > 1 ? ', not both' : ''} (and bars/<SYMBOL>.csv).`,
    );
  }
  return files[0];
}

function readMapping(folder) {
  const file = join(folder, 'mapping.json');
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Failure(`${file} is not JSON: ${cause.message}`, { cause });
  }
}

function formatOf(file, bytes, mapping) {
  if (file.endsWith('.xml')) return 'ibkr_flex_xml';
  if (mapping) return 'generic_csv';
  if (isSchwab(bytes.subarray(0, 4096).toString('utf8'))) return 'schwab_csv';
  throw new Failure(`${file} is not Schwab's CSV; for any other, mapping.json beside it says which column holds what.`);
}

function barsFolder(folder) {
  const bars = join(folder, 'bars');
  if (existsSync(bars) && readdirSync(bars).some((name) => name.endsWith('.csv'))) return bars;
  throw new Failure(`${bars} must hold daily bars, one <SYMBOL>.csv a symbol.`);
}

/**
 * Fills and bars of a folder; the shipped sample's without one. The user id depends on the folder, so that fills of two folders are never
 * one user's, and the same folder again is the same user again.
 */
export function readInput(path) {
  const folder = path ? resolve(path) : shipped;
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new Failure(`${folder} is not a folder.`, { exitCode: path ? 2 : 1 });
  const file = fillsFile(folder);
  const bytes = readFileSync(file);
  const mapping = readMapping(folder);
  return {
    name: basename(file),
    bytes,
    mapping,
    format: formatOf(file, bytes, mapping),
    bars: barsFolder(folder),
    userId: path ? `demo-${copyId(folder)}` : 'demo',
  };
}
