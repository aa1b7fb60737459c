import type { NumberFormat } from '../../cells/cell.js';
import { builtInFormat, formatOfCode } from '../../cells/number-format.js';
import { limits } from '../workbook/limits.js';
import { refusal } from '../workbook/refusal.js';
import { readXml } from './xml.js';

/** What each cell style (the `s` of a cell) makes of a number. */
export async function readStyles(part: AsyncIterable<Buffer> | undefined): Promise<(NumberFormat | undefined)[]> {
  const codes = new Map<number, string>();
  const styles: (NumberFormat | undefined)[] = [];
  if (!part) return styles;
  let inCellFormats = false;
  await readXml(part, 'styles.xml', {
    open(name, tag) {
      if (name === 'numFmt') {
        const { numFmtId, formatCode = '' } = tag.attributes();
        codes.set(Number(numFmtId), formatCode);
      } else if (name === 'cellXfs') inCellFormats = true;
      else if (name === 'xf' && inCellFormats) {
        if (styles.length >= limits.styles) throw refusal(`The file has more than ${limits.styles} cell styles`);
        const id = Number(tag.attributes().numFmtId ?? 0);
        const code = codes.get(id);
        styles.push(code === undefined ? builtInFormat(id) : formatOfCode(code));
      }
    },
    close(name) {
      if (name === 'cellXfs') inCellFormats = false;
    },
  });
  return styles;
}
