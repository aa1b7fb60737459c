import type { Provider, Type } from '@nestjs/common';
import { Schedules } from '@roundhouse/ledger';
import { newTraceparent } from '@roundhouse/telemetry';
import {
  ConnectionStore,
  CredentialCipher,
  DigestStore,
  FillStore,
  ImportStore,
  ProfileStore,
  RoundTripStore,
  SimulationStore,
  TagStore,
  UploadStore,
  UserStore,
} from '@roundhouse/trading';
import type { DataSource } from 'typeorm';
import { ConnectionsController } from './connections.controller.js';
import { DigestsController } from './digests.controller.js';
import { ImportsController } from './imports.controller.js';
import { ProfilesController } from './profiles.controller.js';
import { RoundTripsController } from './round-trips.controller.js';
import { SimulationsController } from './simulations.controller.js';
import { TagsController } from './tags.controller.js';
import { TradeUpload } from './trade-upload.js';
import { TradesController } from './trades.controller.js';
import { UsersController } from './users.controller.js';
import { TradingSchedules } from './trading-schedules.js';
import type { TradingConfig } from './trading-config.js';

export const tradingControllers: Type[] = [
  ConnectionsController,
  DigestsController,
  ImportsController,
  ProfilesController,
  RoundTripsController,
  SimulationsController,
  TagsController,
  TradesController,
  UsersController,
];

/** What the trading routes need. The stores share the gateway's connections: both schemas are in one database. */
export function tradingProviders(config: TradingConfig, database: DataSource): Provider[] {
  const cipher = new CredentialCipher(config.encryptionKey, config.previousEncryptionKeys);
  const stores = [
    DigestStore,
    FillStore,
    ImportStore,
    ProfileStore,
    RoundTripStore,
    SimulationStore,
    TagStore,
    UploadStore,
    UserStore,
  ];
  return [
    ...stores.map((store) => ({ provide: store, useValue: new store(database) })),
    { provide: ConnectionStore, useValue: new ConnectionStore(database, cipher) },
    { provide: Schedules, useValue: new Schedules(database, newTraceparent) },
    TradingSchedules,
    TradeUpload,
  ];
}
