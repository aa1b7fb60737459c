import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, installDependencies } from '../dependencies.mjs';
import { serviceVariables } from '../environment.mjs';
import { Failure } from '../failure.mjs';
import { projectRoot } from '../home.mjs';
import { interruptedExitCode, withOwnServices } from '../one-run.mjs';

const folder = join(projectRoot, 'bench');

/** `bench`: bench/main.mjs with the options as they came, on fresh instances (durable, as in production) that are gone afterwards. */
export async function bench({ options, progress }) {
  const main = join(folder, 'main.mjs');
  if (!existsSync(main)) throw new Failure(`${main} is missing.`);
  await installDependencies(progress);
  if (existsSync(join(folder, 'package-lock.json'))) await installDependencies(progress, folder);
  await build(progress);
  const { interrupted, value } = await withOwnServices(
    'bench',
    ['postgres', 'rabbitmq', 'redis'],
    progress,
    ({ found, spawnAndWait }) =>
      spawnAndWait(['--enable-source-maps', main, ...asArguments(options)], {
        cwd: projectRoot,
        env: serviceVariables(found),
      }),
  );
  return interrupted ? interruptedExitCode : value;
}

function asArguments(options) {
  return Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, value]));
}
