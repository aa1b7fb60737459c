import { join } from 'node:path';
import { build, installDependencies } from '../dependencies.mjs';
import { topologyOnTerminal } from '../app-command.mjs';
import { applicationStatus } from '../application.mjs';
import { Failure } from '../failure.mjs';
import { upFolder, upServices } from '../instances.mjs';
import { withLock } from '../lock.mjs';

/** `topology plan|apply|verify|purge`, against the broker that `up` uses (started when it does not run). */
export async function topology({ action, options, progress }) {
  if (action === 'purge') await assertNothingRuns();
  await installDependencies(progress);
  await build(progress);
  const { rabbitmq } = await withLock(join(upFolder, 'lock'), progress, () => upServices(progress).up(['rabbitmq']));
  return topologyOnTerminal(action, options.json, rabbitmq.url);
}

/** What a service has in its hands would be in the queues again as soon as they are empty. */
async function assertNothingRuns() {
  const running = Object.entries(await applicationStatus()).filter(([, service]) => service?.running);
  if (running.length > 0)
    throw new Failure(
      `Queues are emptied while no service runs, and ${running.map(([name]) => name).join(', ')} does: ./roundhouse down first.`,
    );
}
