import { Module, type DynamicModule } from '@nestjs/common';
import type { FileStorage } from '@roundhouse/storage';
import { ConnectionStore, CredentialCipher, FillStore, ImportStore, UploadStore } from '@roundhouse/trading';
import type { DataSource } from 'typeorm';
import type { ImporterConfig } from './config.js';
import { ExportSpreadsheetHandler } from './handlers/export-spreadsheet.handler.js';
import { ImportSpreadsheetHandler } from './handlers/import-spreadsheet.handler.js';
import { ImportTradesHandler } from './handlers/import-trades.handler.js';
import { FillSources } from './import/fill-sources.js';
import { spreadsheetProviders } from './spreadsheets/spreadsheet-providers.js';

@Module({})
export class AppModule {
  static with(config: ImporterConfig, database: DataSource, storage: FileStorage): DynamicModule {
    const cipher = new CredentialCipher(config.credentialKey, config.previousCredentialKeys);
    const sources = new FillSources(new ConnectionStore(database, cipher), new UploadStore(database), storage, {
      allowHttp: config.allowPrivateProviders,
      allowPrivate: config.allowPrivateProviders,
    });
    return {
      module: AppModule,
      controllers: [ImportTradesHandler, ImportSpreadsheetHandler, ExportSpreadsheetHandler],
      providers: [
        { provide: FillSources, useValue: sources },
        { provide: ImportStore, useValue: new ImportStore(database) },
        { provide: FillStore, useValue: new FillStore(database) },
        ...spreadsheetProviders(database, storage, config.spreadsheetRetention),
      ],
    };
  }
}
