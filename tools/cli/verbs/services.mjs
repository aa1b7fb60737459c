import { join } from 'node:path';
import { exportLines, serviceVariables } from '../environment.mjs';
import { upFolder, upServices } from '../instances.mjs';
import { withLock } from '../lock.mjs';
import { print, printJson } from '../output.mjs';

/** `services up|down|status`: PostgreSQL and RabbitMQ alone, for `npm run jest` and for looking around. */
export async function services({ action, options, progress }) {
  const set = upServices(progress);
  const names = ['postgres', 'rabbitmq', ...(options.redis ? ['redis'] : [])];
  if (action === 'down') {
    const outcome = await withLock(join(upFolder, 'lock'), progress, () => set.down());
    return options.json ? printJson(outcome) : print(describeDown(outcome));
  }
  if (action === 'status') {
    const status = await set.status(['postgres', 'rabbitmq', 'redis']);
    if (options.env) print(exportLines(serviceVariables(onlyRunning(status))).join('\n'));
    else if (options.json) printJson(status);
    else print(describe(status));
    return undefined;
  }
  const found = await withLock(join(upFolder, 'lock'), progress, () => set.up(names));
  const variables = serviceVariables(found);
  if (options.json) return printJson({ services: found, environment: variables });
  print(exportLines(variables).join('\n'));
  if (!options.env)
    progress.note(
      'For this shell: eval "$(./roundhouse services up --env)". Stop them with ./roundhouse services down.',
    );
  return undefined;
}

function onlyRunning(status) {
  return Object.fromEntries(Object.entries(status).filter(([, service]) => service.running));
}

export function describe(status) {
  return Object.entries(status)
    .map(
      ([name, service]) =>
        `${name.padEnd(10)} ${service.running ? `up    ${[service.pid && `pid ${service.pid}`, withoutPassword(service.url), service.restarts > 0 && `restarted ${service.restarts}×`].filter(Boolean).join('  ')}` : 'down'}`,
    )
    .join('\n');
}

export function describeDown(outcome) {
  const lines = Object.entries(outcome).map(([name, result]) => `${name.padEnd(10)} ${result}`);
  return lines.length > 0 ? lines.join('\n') : 'Nothing was running.';
}

/** For the screen; --json and --env show it. */
function withoutPassword(url) {
  return url.replace(/:[^:@/]*@/, ':***@');
}
