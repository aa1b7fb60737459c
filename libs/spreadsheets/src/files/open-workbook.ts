import { open } from 'node:fs/promises';
import type { CsvDialect } from './csv/csv-dialect.js';
import { CsvWorkbook } from './csv/csv-workbook.js';
import { sniffBytes, sniffFileType } from './workbook/file-type.js';
import type { Workbook } from './workbook/workbook.js';
import { XlsxWorkbook } from './xlsx/xlsx-workbook.js';

/** Opens a file as what its first bytes say it is. Refuses it with INVALID_INPUT and the reason. */
export async function openWorkbook(path: string, dialect?: CsvDialect): Promise<Workbook> {
  switch (sniffFileType(await head(path))) {
    case 'xlsx':
      return XlsxWorkbook.open(path);
    case 'xls': {
      // Large, and needed for few files.
      const { XlsWorkbook } = await import('./xls/xls-workbook.js');
      return XlsWorkbook.open(path);
    }
    case 'csv':
      return CsvWorkbook.open(path, dialect);
  }
}

async function head(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(sniffBytes), 0, sniffBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
