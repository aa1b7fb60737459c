import { rangeOf, type CellRange } from '../../cells/cell-reference.js';
import { limits } from '../workbook/limits.js';
import { refusal } from '../workbook/refusal.js';

/** Longer than any tag that is looked for, with its attributes. */
const overlap = 256;
/** Charts, conditions and links of a sheet stand behind its rows too; merged ranges come early among them. */
const tailBytes = 64 * 1024 * 1024;

/**
 * Looks through a worksheet for the number of its rows and for its merged ranges, which stand behind the rows. No parsing: it takes
 * a fraction of the time, and what it says is an estimate for a file that has these words in comments. Reading is strict.
 */
export async function scanSheet(
  part: AsyncIterable<Buffer>,
  name: string,
): Promise<{ rows: number; merges: CellRange[] }> {
  let rest: Buffer = Buffer.alloc(0);
  let prefix: string | undefined;
  let rows = 0;
  let behindRows = false;
  let tail = '';
  for await (const chunk of part) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (prefix === undefined && bytes.length > 1024) prefix = prefixOf(bytes, name);
    if (prefix === undefined || bytes.length <= overlap) {
      rest = bytes;
      continue;
    }
    const end = bytes.length - overlap;
    if (!behindRows) {
      rows += countTags(bytes, `<${prefix}row`, end);
      const close = bytes.indexOf(`</${prefix}sheetData>`);
      // One that begins in the overlap is seen again with the next chunk.
      behindRows = close >= 0 && close < end;
      if (behindRows) tail = bytes.toString('latin1', close, end);
    } else if (tail.length < tailBytes) tail += bytes.toString('latin1', 0, end);
    rest = bytes.subarray(end);
  }
  prefix ??= prefixOf(rest, name);
  if (!behindRows) rows += countTags(rest, `<${prefix}row`, rest.length);
  tail += rest.toString('latin1');
  return { rows, merges: mergesIn(tail, prefix, name) };
}

/** Namespaces may be written with a prefix: <x:row>. */
function prefixOf(bytes: Buffer, name: string): string {
  const head = bytes.toString('latin1', 0, Math.min(bytes.length, 65_536)).replaceAll('\0', '');
  if (/<!DOCTYPE/i.test(head))
    throw refusal(`${name} has a DOCTYPE, which no workbook needs and which can be used to read other files`);
  const match = /<(?:([\w.-]+):)?(?:worksheet|dialogsheet)[\s>]/.exec(head);
  return match?.[1] ? `${match[1]}:` : '';
}

function countTags(bytes: Buffer, tag: string, before: number): number {
  let count = 0;
  for (let at = bytes.indexOf(tag); at >= 0 && at < before; at = bytes.indexOf(tag, at + tag.length)) {
    const next = bytes[at + tag.length];
    // "<row ", "<row>", "<row/>", and not "<rowBreaks>"
    if (next === 0x20 || next === 0x3e || next === 0x2f || next === 0x0a || next === 0x0d || next === 0x09) count += 1;
  }
  return count;
}

function mergesIn(text: string, prefix: string, name: string): CellRange[] {
  const merges: CellRange[] = [];
  for (const [, reference = ''] of text.matchAll(new RegExp(`<${prefix}mergeCell\\s[^>]*?ref="([^"]+)"`, 'g'))) {
    const range = rangeOf(reference);
    if (range) merges.push(range);
    if (merges.length > limits.mergedRanges)
      throw refusal(
        `${name} has more than ${limits.mergedRanges} merged ranges; unmerge its cells and upload it again`,
      );
  }
  return merges;
}
