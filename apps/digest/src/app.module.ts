import { Module, type DynamicModule } from '@nestjs/common';
import {
  BarCache,
  cachedSources,
  DigestStore,
  FillStore,
  FindingStore,
  ProfileStore,
  RoundTripStore,
  SimulationStore,
  TagStore,
} from '@roundhouse/trading';
import type { DataSource } from 'typeorm';
import type { DigestConfig } from './config.js';
import { DigestReader } from './handlers/digest-reader.js';
import { GenerateDigestHandler } from './handlers/generate-digest.handler.js';

@Module({})
export class AppModule {
  static with(config: DigestConfig, database: DataSource): DynamicModule {
    const stores = [DigestStore, FillStore, FindingStore, ProfileStore, RoundTripStore, SimulationStore, TagStore];
    return {
      module: AppModule,
      controllers: [GenerateDigestHandler],
      providers: [
        ...stores.map((store) => ({ provide: store, useValue: new store(database) })),
        { provide: BarCache, useValue: new BarCache(database, cachedSources(config)) },
        DigestReader,
      ],
    };
  }
}
