import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { TypeOrmInbox } from '@roundhouse/inbox';
import { JobServer, OriginalErrorFilter } from '@roundhouse/rabbitmq';
import { runService } from '@roundhouse/service';
import { NestLogger, setLogLevel, type LogLevel } from '@roundhouse/telemetry';
import { createTradingDataSource } from '@roundhouse/trading';
import { AppModule } from './app.module.js';
import { importerConfig } from './config.js';
import { keepHouse } from './housekeeping.js';

await runService({
  name: 'importer',
  version: '0.1.0',
  config: importerConfig,
  async start({ name, version, config, log, health }) {
    const database = await createTradingDataSource(config.databaseUrl, { applicationName: name }).initialize();
    const inbox = new TypeOrmInbox(database, 'trading');
    const strategy = new JobServer({
      amqpUrl: config.amqpUrl,
      service: name,
      version,
      log,
      transactions: inbox,
      attemptLog: ({ tenantId: tenant, jobId: job_id, kind }, attempt) => log.child({ tenant, job_id, kind, attempt }),
      onLogLevel: (level) => setLogLevel(log, level as LogLevel),
    });
    const app = await NestFactory.createMicroservice(AppModule.with(config, database), {
      strategy,
      logger: new NestLogger(log),
    });
    app.useGlobalFilters(new OriginalErrorFilter());
    await app.listen();
    health.register('database', () => database.query('select 1'));
    health.register('broker', () => {
      if (!strategy.ready) throw new Error('not connected to the broker');
    });
    const housekeeping = keepHouse(inbox, log);
    return {
      async stop() {
        clearInterval(housekeeping);
        await app.close();
        await database.destroy();
      },
    };
  },
});
