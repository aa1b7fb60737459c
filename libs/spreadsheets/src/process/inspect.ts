import { CsvWorkbook } from '../files/csv/csv-workbook.js';
import { openWorkbook } from '../files/open-workbook.js';
import type { FileFacts, InspectRequest } from './requests.js';

/** Looks through a whole file. */
export async function inspect({ path }: InspectRequest): Promise<FileFacts> {
  const workbook = await openWorkbook(path);
  try {
    const sheets = await workbook.inspect();
    return { type: workbook.type, sheets, ...(workbook instanceof CsvWorkbook && { dialect: workbook.dialect }) };
  } finally {
    workbook.close();
  }
}
