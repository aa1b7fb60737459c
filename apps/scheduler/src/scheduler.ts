import {
  catalogueRules,
  EventsMark,
  Flights,
  forgetFirings,
  JobMeter,
  ledgerDataSource,
  Reconciler,
  Redriver,
  Schedules,
  Sweeper,
  Timekeeper,
  type ChangedJob,
} from '@roundhouse/ledger';
import { BrokerConnection, ControlBroadcaster, LiveChannel, MarkSender, QueueDepth } from '@roundhouse/rabbitmq';
import type { Service, ServiceContext } from '@roundhouse/service';
import { logLine, newTraceparent } from '@roundhouse/telemetry';
import { encodedSchedules } from './code-schedules.js';
import { schedulerConfig, type SchedulerConfig } from './config.js';
import { ScheduleClock } from './schedule-clock.js';

async function start({ config, health, log, reach }: ServiceContext<SchedulerConfig>) {
  const dataSource = ledgerDataSource({
    url: config.databaseUrl,
    poolSize: 6,
    applicationName: 'roundhouse-scheduler',
  });
  await reach('database', () => dataSource.initialize());
  const broker = await reach('broker', () =>
    BrokerConnection.open({ url: config.amqpUrl, name: `scheduler ${process.pid}`, log }),
  );
  const live = await LiveChannel.open(broker);
  const depth = await QueueDepth.open(broker);
  const flights = new Flights(dataSource, log);
  const meter = new JobMeter(dataSource, (err) => logLine(log, 'statistics.not_written', { err }));
  const onChanged = (changed: Iterable<ChangedJob>) => {
    const jobs = [...changed];
    meter.record(jobs);
    flights.record(jobs);
    const ids = new Set(jobs.flatMap(({ id, batchId }) => (batchId ? [id, batchId] : [id])));
    if (ids.size > 0) live.nudge({ jobIds: [...ids], tenantIds: [] });
  };
  // The gateways' relays look at the outbox several times a second by themselves.
  const onDispatch = () => undefined;
  const rulesOf = catalogueRules({
    leaseMs: config.lease,
    cancelGraceMs: config.cancelGrace,
    maxCrashes: config.maxCrashes,
  });
  const control = new ControlBroadcaster(await broker.openChannel(() => undefined));
  const schedules = new Schedules(dataSource, newTraceparent, {
    rulesOf,
    onChanged,
    stop: (jobId, attempt) => control.send({ $case: 'cancel', value: { jobId, attempt } }),
  });
  await schedules.mergeCode(encodedSchedules());
  const marks = await MarkSender.open(broker);
  const parts = [
    new Timekeeper(dataSource, rulesOf, { onChanged, onDispatch, log, mark: new EventsMark((at) => marks.send(at)) }),
    new Reconciler(dataSource, rulesOf, { onChanged, onDispatch, log }),
    new Redriver(dataSource, rulesOf, { onChanged, onDispatch, log }),
    new Sweeper(dataSource, {
      look: (queue) => depth.look(queue),
      flights,
      onDispatch,
      log,
      intervalMs: config.sweepInterval,
      patienceMs: config.sweepPatience,
    }),
    new ScheduleClock(schedules, () => forgetFirings(dataSource), log),
  ];
  meter.start();
  flights.start();
  for (const part of parts) part.start();
  health.register('database', () => dataSource.query('select 1'));
  return {
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
      await meter.stop();
      await flights.stop();
      await broker.close();
      await dataSource.destroy();
    },
  };
}

export const scheduler: Service<typeof schedulerConfig.shape> = {
  name: 'scheduler',
  version: '0.1.0',
  config: schedulerConfig,
  start,
};
