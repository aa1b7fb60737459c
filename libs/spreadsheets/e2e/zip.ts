import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { workbookParts } from '../src/export/xlsx-parts.js';

/** Writes a zip archive of these parts; a stream is compressed as it comes. */
export async function writeZip(path: string, parts: Record<string, string | Buffer | Readable>): Promise<void> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(parts)) {
    if (content instanceof Readable) zip.addReadStream(content, name);
    else zip.addBuffer(Buffer.from(content), name);
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

/** The parts of a workbook with one sheet "Sheet" of this XML. */
export function workbookOf(sheetData: string | Readable, more: Record<string, string | Buffer | Readable> = {}) {
  const { 'xl/styles.xml': styles, ...parts } = workbookParts(['Sheet']);
  const sheet =
    sheetData instanceof Readable ? sheetData : `<worksheet ${main}><sheetData>${sheetData}</sheetData></worksheet>`;
  return { ...parts, 'xl/styles.xml': styles!, 'xl/worksheets/sheet1.xml': sheet, ...more };
}

export const sharedStrings = (items: string): string => `<sst ${main}>${items}</sst>`;
