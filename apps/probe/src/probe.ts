import { TypeOrmInbox } from '@roundhouse/inbox';
import { startJobWorker } from '@roundhouse/rabbitmq';
import type { Service } from '@roundhouse/service';
import { ProbeModule } from './app.module.js';
import { probeConfig } from './config.js';
import { probeDataSource } from './probe-database.js';

export const probe: Service<typeof probeConfig.shape> = {
  name: 'probe',
  version: '0.1.0',
  config: probeConfig,
  async start(context) {
    const database = probeDataSource(context.config.databaseUrl);
    await context.reach('database', () => database.initialize());
    const worker = await startJobWorker(ProbeModule, context, new TypeOrmInbox(database, 'probe'));
    return {
      async stop() {
        await worker.stop();
        await database.destroy();
      },
    };
  },
};
