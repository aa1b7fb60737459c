export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

/** How a CSV file is written. */
export interface CsvDialect {
  encoding: Encoding;
  delimiter: Delimiter;
}

/** By its byte order mark; undefined without one. */
export function encodingOfMark(head: Buffer): Encoding | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** How often each delimiter stands outside quotes, line by line. */
function countsOf(text: string): Map<Delimiter, number>[] {
  const lines: Map<Delimiter, number>[] = [];
  let line = new Map<Delimiter, number>();
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '\n') {
      lines.push(line);
      line = new Map();
    } else if ((delimiters as readonly string[]).includes(character))
      line.set(character as Delimiter, (line.get(character as Delimiter) ?? 0) + 1);
  }
  if (line.size > 0) lines.push(line);
  return lines;
}

/** The delimiter that most lines have, and have equally often; a comma when there is none. */
export function sniffDelimiter(text: string): Delimiter {
  const first = /^sep=(.)\r?\n/.exec(text)?.[1];
  const named = delimiters.find((delimiter) => delimiter === first);
  if (named) return named;
  const lines = countsOf(text).slice(0, 200);
  let best: Delimiter = ',';
  let bestScore = 0;
  for (const delimiter of delimiters) {
    const counts = lines.map((line) => line.get(delimiter) ?? 0).filter((count) => count > 0);
    if (counts.length === 0) continue;
    const usual = [...counts].sort((a, b) => a - b)[counts.length >> 1]!;
    const alike = counts.filter((count) => count === usual).length;
    const score = (alike / Math.max(1, lines.length)) * Math.min(usual, 10) ** 0.5;
    if (score > bestScore) [best, bestScore] = [delimiter, score];
  }
  return best;
}
