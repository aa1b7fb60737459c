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
import { sealAgain } from '../../platform/access/index.js';
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
import { tradingFields } from './trading-config.js';
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

export const trading: Workload<typeof tradingFields> = {
  fields: tradingFields,
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

  async open({ config, database, log }) {
    const cipher = new CredentialCipher(config.credentialKey, config.previousCredentialKeys);
    const connections = new ConnectionStore(database, cipher);
    const imports = new ImportStore(database);
    await sealAgain('connections', log, () => connections.sealAgain());
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
