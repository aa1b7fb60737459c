import type { Provider, Type } from '@nestjs/common';
import { RecordStore, SheetImportStore, SheetUploadStore, TemplateStore } from '@roundhouse/spreadsheets';
import type { DataSource } from 'typeorm';
import { SheetImportsController } from './sheet-imports.controller.js';
import { SheetReader } from './sheet-reader.js';
import { SheetTemplatesController } from './sheet-templates.controller.js';
import { SheetUpload, spreadsheetSettings } from './sheet-upload.js';
import { SheetUploadsController } from './sheet-uploads.controller.js';
import type { SpreadsheetConfig } from './spreadsheet-config.js';

export const spreadsheetControllers: Type[] = [
  SheetTemplatesController,
  SheetUploadsController,
  SheetImportsController,
];

/** What the spreadsheet routes need. The stores share the gateway's connections: all schemas are in one database. */
export function spreadsheetProviders(config: SpreadsheetConfig, database: DataSource): Provider[] {
  const stores = [RecordStore, SheetImportStore, SheetUploadStore, TemplateStore];
  return [
    ...stores.map((store) => ({ provide: store, useValue: new store(database) })),
    { provide: spreadsheetSettings, useValue: config },
    SheetReader,
    SheetUpload,
  ];
}
