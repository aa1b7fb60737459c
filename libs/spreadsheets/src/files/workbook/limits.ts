/**
 * What a file may ask of us. Excel's own limits where it has them
 * (support.microsoft.com, "Excel specifications and limits"); the others keep a hostile file in bounded memory.
 */
export const limits = {
  /** Excel's: rows of a sheet. */
  rows: 1_048_576,
  /** Excel's: columns of a sheet (XFD). */
  columns: 16_384,
  /** Excel's: characters in a cell. */
  cellCharacters: 32_767,
  /** Entries of the zip archive; a large workbook has a few hundred. */
  zipEntries: 10_000,
  /** Inflated bytes of one part that is read. A million rows of ten columns have about 600 MiB. */
  partBytes: 3 * 1024 * 1024 * 1024,
  /** Inflated to compressed size of a part above `ratioFrom`; repetitive sheets come to about 60. */
  ratio: 200,
  ratioFrom: 32 * 1024 * 1024,
  /** Bytes of all shared strings together. */
  sharedStringBytes: 192 * 1024 * 1024,
  sharedStrings: 8_000_000,
  xmlDepth: 64,
  /** Parts that are small in every real workbook: relations, styles, the list of sheets. */
  smallPartBytes: 16 * 1024 * 1024,
  sheets: 1_000,
  styles: 65_536,
  mergedRanges: 10_000,
  /** Of a line of CSV. */
  csvRecordCharacters: 1_048_576,
  /** An .xls file is read as a whole. */
  xlsBytes: 32 * 1024 * 1024,
} as const;
