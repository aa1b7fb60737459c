import type { Provider } from '@nestjs/common';
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
import { encryptionFields } from '../../platform/access/index.js';
import type { Workload } from '../../platform/workload/index.js';
import { ConnectionsController } from './connections.controller.js';
import { DigestsController } from './digests.controller.js';
import { ImportsController } from './imports.controller.js';
import { ProfilesController } from './profiles.controller.js';
import { RoundTripsController } from './round-trips.controller.js';
import { SimulationsController } from './simulations.controller.js';
import { TagsController } from './tags.controller.js';
import { TradeUpload } from './trade-upload.js';
import { TradesController } from './trades.controller.js';
import { TradingSchedules } from './trading-schedules.js';
import { findTradingThings, tradingThings } from './trading-things.js';
import { UsersController } from './users.controller.js';

const stores = [
  DigestStore,
  FillStore,
  ProfileStore,
  RoundTripStore,
  SimulationStore,
  TagStore,
  UploadStore,
  UserStore,
];

export const trading: Workload<typeof encryptionFields> = {
  // The platform's key seals credentials of brokers as well; the importer opens them with the same one.
  fields: encryptionFields,
  controllers: [
    ConnectionsController,
    DigestsController,
    ImportsController,
    ProfilesController,
    RoundTripsController,
    SimulationsController,
    TagsController,
    TradesController,
    UsersController,
  ],
  things: tradingThings,

  open({ config, database }) {
    const cipher = new CredentialCipher(config.encryptionKey, config.previousEncryptionKeys);
    const connections = new ConnectionStore(database, cipher);
    const imports = new ImportStore(database);
    const providers: Provider[] = [
      ...stores.map((store) => ({ provide: store, useValue: new store(database) })),
      { provide: ConnectionStore, useValue: connections },
      { provide: ImportStore, useValue: imports },
      { provide: Schedules, useValue: new Schedules(database, newTraceparent) },
      TradingSchedules,
      TradeUpload,
    ];
    return { providers, find: (tenantId, id) => findTradingThings({ imports, connections }, tenantId, id) };
  },
};
