import type { Provider } from '@nestjs/common';
import {
  ExportStore,
  QueryStore,
  SheetImportStore,
  SheetUploadStore,
  TargetStore,
  TargetTables,
  TemplateStore,
} from '@roundhouse/spreadsheets';
import type { Workload } from '../../platform/workload/index.js';
import { SheetExportsController } from './sheet-exports.controller.js';
import { SheetImportsController } from './sheet-imports.controller.js';
import { SheetQueriesController } from './sheet-queries.controller.js';
import { SheetReader } from './sheet-reader.js';
import { SheetRuns } from './sheet-runs.js';
import { SheetTargetsController } from './sheet-targets.controller.js';
import { SheetTemplatesController } from './sheet-templates.controller.js';
import { findSheetThings, sheetThings } from './sheet-things.js';
import { SheetUpload, spreadsheetSettings } from './sheet-upload.js';
import { SheetUploadsController } from './sheet-uploads.controller.js';
import { spreadsheetFields } from './spreadsheet-config.js';

export const spreadsheets: Workload<typeof spreadsheetFields> = {
  fields: spreadsheetFields,
  controllers: [
    SheetTemplatesController,
    SheetUploadsController,
    SheetImportsController,
    SheetExportsController,
    SheetQueriesController,
    SheetTargetsController,
  ],
  things: sheetThings,

  open({ config, database }) {
    const stores = {
      imports: new SheetImportStore(database),
      exports: new ExportStore(database),
      templates: new TemplateStore(database),
    };
    const providers: Provider[] = [
      { provide: SheetImportStore, useValue: stores.imports },
      { provide: ExportStore, useValue: stores.exports },
      { provide: TemplateStore, useValue: stores.templates },
      { provide: QueryStore, useValue: new QueryStore(database) },
      { provide: SheetUploadStore, useValue: new SheetUploadStore(database) },
      { provide: TargetStore, useValue: new TargetStore(database) },
      { provide: TargetTables, useValue: new TargetTables(database) },
      { provide: spreadsheetSettings, useValue: config },
      SheetReader,
      SheetRuns,
      SheetUpload,
    ];
    return { providers, find: (tenantId, id) => findSheetThings(stores, tenantId, id) };
  },
};
