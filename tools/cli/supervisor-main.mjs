import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { upFolder, upServices } from './instances.mjs';
import { tryLock } from './lock.mjs';
import { Progress } from './progress.mjs';
import { ownProcess, Supervision } from './supervision.mjs';

const everyMs = 1_000;
const progress = new Progress();
const say = (line) => progress.note(`${new Date().toISOString()} ${line}`);

/** The private PostgreSQL and RabbitMQ, which only start the way `services up` does it. Others have no record. */
const servers = ['postgres', 'rabbitmq'].map((name) => ({
  name,
  runFolder: join(upFolder, 'run'),
  restart: () => upServices(progress).up([name]),
}));

const starts = JSON.parse(await text(process.stdin));
const supervision = new Supervision({ subjects: [...servers, ...starts.map(ownProcess)], say });
process.on('SIGTERM', () => process.exit(0));
say(`looks after ${starts.map(({ name }) => name).join(', ')}`);
while (supervision.hasSubjects) {
  // While another command starts or stops things, what is missing is its business.
  const release = supervision.isNeeded ? tryLock(join(upFolder, 'lock')) : undefined;
  try {
    if (release) await supervision.round();
  } catch (error) {
    say(`could not look after the services: ${error.stack}`);
  } finally {
    release?.();
  }
  await sleep(everyMs);
}
say('nothing is left to look after');
