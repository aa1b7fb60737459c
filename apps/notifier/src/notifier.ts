import { startJobWorker } from '@roundhouse/rabbitmq';
import type { Service } from '@roundhouse/service';
import { NotifierModule } from './app.module.js';
import { notifierConfig } from './config.js';

export const notifier: Service<typeof notifierConfig.shape> = {
  name: 'notifier',
  version: '0.1.0',
  config: notifierConfig,
  start: (context) => startJobWorker(NotifierModule.with(context.config), context),
};
