import { forgetOldSteps, TypeOrmInbox } from '@roundhouse/inbox';
import { createMeshDataSource } from '@roundhouse/mesh';
import { startJobWorker } from '@roundhouse/rabbitmq';
import type { Service } from '@roundhouse/service';
import { openStorage } from '@roundhouse/storage';
import { logLine } from '@roundhouse/telemetry';
import { AppModule } from './app.module.js';
import { meshConfig } from './config.js';
import { WorkFolder } from './work/work-folder.js';

export const mesh: Service<typeof meshConfig.shape> = {
  name: 'mesh',
  version: '0.1.0',
  config: meshConfig,
  async start(context) {
    const { name, config, health, log, reach } = context;
    const work = new WorkFolder(config.meshWorkDir);
    const swept = await work.sweep();
    if (swept > 0) logLine(log, 'mesh.swept', { folders: swept });
    const database = createMeshDataSource(config.databaseUrl, { applicationName: name });
    await reach('database', () => database.initialize());
    const storage = await openStorage(config.storageDir, config.meshStorageUrl ?? config.storageUrl);
    const inbox = new TypeOrmInbox(database, 'mesh');
    const worker = await startJobWorker(AppModule.with(config, database, storage, work), context, inbox);
    health.register('database', () => database.query('select 1'));
    const stopForgetting = forgetOldSteps(inbox, (err) => logLine(log, 'inbox.not_forgotten', { err }));
    return {
      async stop() {
        await stopForgetting();
        await worker.stop();
        await work.remove();
        await database.destroy();
      },
    };
  },
};
