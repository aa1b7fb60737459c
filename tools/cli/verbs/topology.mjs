import { join } from 'node:path';
import { build, installDependencies } from '../dependencies.mjs';
import { topologyOnTerminal } from '../app-command.mjs';
import { upFolder, upServices } from '../instances.mjs';
import { withLock } from '../lock.mjs';

/** `topology plan|apply|verify`, against the broker that `up` uses (started when it does not run). */
export async function topology({ action, options, progress }) {
  await installDependencies(progress);
  await build(progress);
  const { rabbitmq } = await withLock(join(upFolder, 'lock'), progress, () => upServices(progress).up(['rabbitmq']));
  return topologyOnTerminal(action, options.json, rabbitmq.url);
}
