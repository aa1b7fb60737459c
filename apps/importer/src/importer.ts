import { forgetOldSteps, TypeOrmInbox } from '@roundhouse/inbox';
import { startJobWorker } from '@roundhouse/rabbitmq';
import type { Service } from '@roundhouse/service';
import { logLine } from '@roundhouse/telemetry';
import { createTradingDataSource, UploadExpiry } from '@roundhouse/trading';
import { Expiry } from '@roundhouse/spreadsheets';
import { openStorage } from '@roundhouse/storage';
import { AppModule } from './app.module.js';
import { importerConfig } from './config.js';
import { sweepSheets, sweepTradeFiles } from './housekeeping.js';

export const importer: Service<typeof importerConfig.shape> = {
  name: 'importer',
  version: '0.1.0',
  config: importerConfig,
  async start(context) {
    const { name, config, health, reach } = context;
    const database = createTradingDataSource(config.databaseUrl, { applicationName: name });
    await reach('database', () => database.initialize());
    const storage = await openStorage(config.storageDir, config.storageUrl);
    const inbox = new TypeOrmInbox(database, 'trading');
    const worker = await startJobWorker(AppModule.with(config, database, storage), context, inbox);
    health.register('database', () => database.query('select 1'));
    const stopForgetting = forgetOldSteps(inbox, (err) => logLine(context.log, 'inbox.not_forgotten', { err }));
    const sweeping = [
      sweepSheets(new Expiry(database), storage, config.spreadsheetRetention, context.log),
      sweepTradeFiles(new UploadExpiry(database), storage, config.tradeFileRetention, context.log),
    ];
    return {
      async stop() {
        await Promise.all([stopForgetting(), ...sweeping.map((one) => one.stop())]);
        await worker.stop();
        await database.destroy();
      },
    };
  },
};
