import { refusal } from './refusal.js';

export const fileTypes = ['xlsx', 'xls', 'csv'] as const;
export type FileType = (typeof fileTypes)[number];

const starts = (bytes: Buffer, ...signature: number[]): boolean => signature.every((byte, i) => bytes[i] === byte);

const others: [number[], string][] = [
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG picture'],
  [[0xff, 0xd8, 0xff], 'a JPEG picture'],
  [[0x47, 0x49, 0x46, 0x38], 'a GIF picture'],
  [[0x1f, 0x8b], 'a gzip archive; unpack it'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'a 7z archive; unpack it'],
  [[0x52, 0x61, 0x72, 0x21], 'a RAR archive; unpack it'],
  [[0x7f, 0x45, 0x4c, 0x46], 'a program'],
  [[0x4d, 0x5a], 'a program'],
  [[0x7b, 0x5c, 0x72, 0x74, 0x66], 'an RTF document'],
];

/** Enough of a file's beginning for `sniffFileType`. */
export const sniffBytes = 4096;

/**
 * What a file is by its first bytes; names and content types say anything. Refuses what is no spreadsheet, with what it is instead.
 * @param head the first `sniffBytes`, or all there are
 */
export function sniffFileType(head: Buffer): FileType {
  if (head.length === 0) throw refusal('The file is empty');
  if (starts(head, 0x50, 0x4b, 0x03, 0x04)) return 'xlsx';
  if (starts(head, 0x50, 0x4b, 0x05, 0x06)) throw refusal('The file is an empty zip archive');
  if (starts(head, 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)) return 'xls';
  // BIFF2 … BIFF5 without a container.
  if (starts(head, 0x09) && [0x00, 0x02, 0x04, 0x08].includes(head[1] ?? -1) && (head[2] ?? 0) <= 16) return 'xls';
  for (const [signature, what] of others)
    if (starts(head, ...signature)) throw refusal(`The file is ${what}; upload an .xlsx, .xls or .csv file`);
  return sniffText(head);
}

function sniffText(head: Buffer): FileType {
  const wide = starts(head, 0xff, 0xfe) || starts(head, 0xfe, 0xff);
  if (!wide && head.includes(0)) throw refusal('The file is none that can be read; upload an .xlsx, .xls or .csv file');
  const text = head
    .toString(wide ? 'utf16le' : 'latin1')
    .replace(/^\u00ef\u00bb\u00bf|^\ufeff/, '')
    .trimStart()
    .toLowerCase();
  if (text === '') throw refusal('The file is empty');
  if (/^<(!doctype html|html|table|head|body|meta|div)\b/.test(text))
    throw refusal('The file is a web page (HTML) under another name; open it in Excel and save it as .xlsx');
  if (/^<\?xml/.test(text) || /^<!doctype/.test(text))
    throw refusal('The file is XML; open it in Excel and save it as .xlsx');
  if (/^\s*[[{]\s*("|\]|\}|\{)/.test(text)) throw refusal('The file is JSON; upload an .xlsx, .xls or .csv file');
  return 'csv';
}
