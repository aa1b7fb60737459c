import type { FileStorage } from '@roundhouse/storage';
import {
  annotationHeaders,
  SheetProcess,
  type FailedRowOut,
  type ImportState,
  type SheetImportStore,
} from '@roundhouse/spreadsheets';
import { failedFileKey } from './storage-keys.js';

const batchRows = 500;

/** Writes the rows that an import could not take into a file to be corrected: as they came, with the reasons, wrong cells marked. */
export class FailedFile {
  constructor(
    private readonly storage: FileStorage,
    private readonly imports: SheetImportStore,
  ) {}

  async write(state: ImportState, signal: AbortSignal): Promise<string> {
    const key = failedFileKey(state.tenantId, state.id);
    const headers = [...(state.columns ?? []).map(({ header }) => header), ...Object.values(annotationHeaders)];
    const request = {
      type: 'write' as const,
      format: 'failed' as const,
      name: 'Failed rows',
      columns: headers.map((header) => ({
        header,
        type: 'string' as const,
        ...(header === annotationHeaders.errors && { width: 60 }),
      })),
      delimiter: ',',
      timeZone: 'UTC',
    };
    const file = SheetProcess.start({ signal }).write(request, this.batches(state), () => undefined);
    await this.storage.put(key, file);
    await this.imports.setFailedFile(state.id, key);
    return key;
  }

  private async *batches({ id, columns, mapping }: ImportState): AsyncIterable<string> {
    const places = new Map(columns?.map(({ header }, place) => [header, place]));
    const placeOf = (column: string) => places.get(mapping?.[column] ?? '') ?? -1;
    for (let after = 0; ;) {
      const rows = await this.imports.failedRows(id, after, batchRows);
      if (rows.length === 0) return;
      after = rows.at(-1)!.row;
      const out = rows.map(({ row, cells, errors }): FailedRowOut => ({
        row,
        cells,
        marked: errors.map(({ column }) => placeOf(column)).filter((place) => place >= 0),
        errors: errors.map(({ message }) => message).join('\n'),
      }));
      yield JSON.stringify(out);
    }
  }
}

/** "failed-products.xlsx" */
export const failedFileName = (fileName: string): string => `failed-${fileName.replace(/\.[^.]*$/, '')}.xlsx`;
