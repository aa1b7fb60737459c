import type { Provider, Type } from '@nestjs/common';
import {
  ExportStore,
  QueryStore,
  SheetImportStore,
  SheetUploadStore,
  TargetStore,
  TargetTables,
  TemplateStore,
} from '@roundhouse/spreadsheets';
import type { DataSource } from 'typeorm';
import { SheetExportsController } from './sheet-exports.controller.js';
import { SheetImportsController } from './sheet-imports.controller.js';
import { SheetQueriesController } from './sheet-queries.controller.js';
import { SheetReader } from './sheet-reader.js';
import { SheetRuns } from './sheet-runs.js';
import { SheetTargetsController } from './sheet-targets.controller.js';
import { SheetTemplatesController } from './sheet-templates.controller.js';
import { SheetUpload, spreadsheetSettings } from './sheet-upload.js';
import { SheetUploadsController } from './sheet-uploads.controller.js';
import type { SpreadsheetConfig } from './spreadsheet-config.js';

export const spreadsheetControllers: Type[] = [
  SheetTemplatesController,
  SheetUploadsController,
  SheetImportsController,
  SheetExportsController,
  SheetQueriesController,
  SheetTargetsController,
];

/** What the spreadsheet routes need. The stores share the gateway's connections: all schemas are in one database. */
export function spreadsheetProviders(config: SpreadsheetConfig, database: DataSource): Provider[] {
  const stores = [
    ExportStore,
    QueryStore,
    SheetImportStore,
    SheetUploadStore,
    TargetStore,
    TargetTables,
    TemplateStore,
  ];
  return [
    ...stores.map((store) => ({ provide: store, useValue: new store(database) })),
    { provide: spreadsheetSettings, useValue: config },
    SheetReader,
    SheetRuns,
    SheetUpload,
  ];
}
