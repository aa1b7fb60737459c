import type { Provider } from '@nestjs/common';
import {
  ExportStore,
  QueryStore,
  RecordExport,
  RecordStore,
  SheetImportStore,
  SheetUploadStore,
  TargetTables,
  TemplateStore,
} from '@roundhouse/spreadsheets';
import type { FileStorage } from '@roundhouse/storage';
import type { DataSource } from 'typeorm';
import { BatchStore } from './batch-store.js';
import { ExportRunner } from './export-run.js';
import { ExportSources } from './export-sources.js';
import { FailedFile } from './failed-file.js';
import { ImportRunner } from './import-run.js';
import { Retention } from './retention.js';
import { TargetRows } from './target-rows.js';

/** What the spreadsheet handlers need. Both schemas of the importer are in one database and share its connections. */
export function spreadsheetProviders(database: DataSource, storage: FileStorage, keepMs: number): Provider[] {
  const imports = new SheetImportStore(database);
  const records = new RecordStore();
  const tables = new TargetTables(database);
  const batches = new BatchStore(database, imports, records, tables);
  const reader = new RecordExport(database);
  const sources = new ExportSources(tables, new QueryStore(database), reader);
  return [
    { provide: SheetUploadStore, useValue: new SheetUploadStore(database) },
    { provide: TemplateStore, useValue: new TemplateStore(database) },
    { provide: SheetImportStore, useValue: imports },
    { provide: TargetRows, useValue: new TargetRows(database, records, tables) },
    { provide: BatchStore, useValue: batches },
    { provide: ImportRunner, useValue: new ImportRunner(storage, imports, batches) },
    { provide: FailedFile, useValue: new FailedFile(storage, imports) },
    { provide: ExportStore, useValue: new ExportStore(database) },
    { provide: ExportSources, useValue: sources },
    { provide: ExportRunner, useValue: new ExportRunner(storage, reader) },
    { provide: Retention, useValue: new Retention(keepMs) },
  ];
}
