import { Inject, Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import {
  BarCache,
  cachedSources,
  FillStore,
  FindingStore,
  ProfileStore,
  RoundTripStore,
  SimulationStore,
  TagStore,
} from '@roundhouse/trading';
import type { DataSource } from 'typeorm';
import type { ScorerConfig } from './config.js';
import { ScoreBiasHandler } from './handlers/score-bias.handler.js';
import { SimulateSimpleHandler } from './handlers/simulate-simple.handler.js';
import { Scorer } from './scoring/scorer.js';

@Module({})
export class AppModule implements OnModuleDestroy {
  constructor(@Inject(Scorer) private readonly scorer: Scorer) {}

  static with(config: ScorerConfig, database: DataSource): DynamicModule {
    const stores = [FillStore, FindingStore, ProfileStore, RoundTripStore, SimulationStore, TagStore];
    return {
      module: AppModule,
      controllers: [ScoreBiasHandler, SimulateSimpleHandler],
      providers: [
        ...stores.map((store) => ({ provide: store, useValue: new store(database) })),
        { provide: BarCache, useValue: new BarCache(database, cachedSources(config)) },
        { provide: Scorer, useValue: new Scorer() },
      ],
    };
  }

  async onModuleDestroy(): Promise<void> {
    await this.scorer.close();
  }
}
