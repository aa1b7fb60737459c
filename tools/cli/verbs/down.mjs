import { join } from 'node:path';
import { stopApplication } from '../application.mjs';
import { stopContainers } from '../containers.mjs';
import { upFolder, upServices } from '../instances.mjs';
import { withLock } from '../lock.mjs';
import { stopSupervisor } from '../supervisor.mjs';
import { print, printJson } from '../output.mjs';
import { describeDown } from './services.mjs';

/** `down`: the services first, so that they can hand back their jobs, then the database and the broker. */
export async function down({ options, progress }) {
  // It may hold the lock while it starts something again.
  await stopSupervisor();
  const outcome = await withLock(join(upFolder, 'lock'), progress, () =>
    progress.step('stopping', async (update) => {
      update('stopping the services');
      const stopped = { ...(await stopContainers()), ...(await stopApplication()) };
      update('stopping PostgreSQL and RabbitMQ');
      return { ...stopped, ...(await upServices(progress).down()) };
    }),
  );
  return options.json ? printJson(outcome) : print(describeDown(outcome));
}
