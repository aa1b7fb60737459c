import { TypeOrmInbox } from '@roundhouse/inbox';
import { startJobWorker } from '@roundhouse/rabbitmq';
import type { Service } from '@roundhouse/service';
import { createTradingDataSource } from '@roundhouse/trading';
import { AppModule } from './app.module.js';
import { scorerConfig } from './config.js';

export const scorer: Service<typeof scorerConfig.shape> = {
  name: 'scorer',
  version: '0.1.0',
  config: scorerConfig,
  async start(context) {
    const { name, config, health, reach } = context;
    const database = createTradingDataSource(config.databaseUrl, { applicationName: name });
    await reach('database', () => database.initialize());
    const worker = await startJobWorker(
      AppModule.with(config, database),
      context,
      new TypeOrmInbox(database, 'trading'),
    );
    health.register('database', () => database.query('select 1'));
    return {
      async stop() {
        await worker.stop();
        await database.destroy();
      },
    };
  },
};
