import type { Provider, Type } from '@nestjs/common';
import { StatusLinks } from '@roundhouse/ledger';
import type { DataSource } from 'typeorm';
import { StatusAccess } from './status-access.js';
import { StatusAssets, StatusAssetsController } from './status-assets.js';
import type { StatusConfig } from './status-config.js';
import { StatusFeeds } from './status-feed.js';
import { StatusFilesController } from './status-files.controller.js';
import { StatusLinksController } from './status-links.controller.js';
import { StatusPageController } from './status-page.controller.js';
import { StatusTokens } from './status-token.js';

export const statusControllers: Type[] = [
  StatusLinksController,
  StatusPageController,
  StatusFilesController,
  StatusAssetsController,
];

export function statusProviders(config: StatusConfig, database: DataSource): Provider[] {
  const links = new StatusLinks(database);
  const tokens = new StatusTokens(config.statusKey, config.previousStatusKeys);
  return [
    { provide: StatusLinks, useValue: links },
    { provide: StatusAccess, useValue: new StatusAccess(links, tokens, config) },
    { provide: StatusAssets, useValue: new StatusAssets() },
    StatusFeeds,
  ];
}
