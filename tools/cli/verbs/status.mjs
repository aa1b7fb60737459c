import { applicationStatus } from '../application.mjs';
import { containerStatus } from '../containers.mjs';
import { upServices } from '../instances.mjs';
import { print, printJson } from '../output.mjs';
import { platformStore } from '../platform.mjs';
import { describe } from './services.mjs';

/** `status`: what runs, without starting anything. Exit code 0 when everything is ready, 1 otherwise. */
export async function status({ options, progress }) {
  const store = platformStore();
  const [instances, services, containers] = await Promise.all([
    upServices(progress).status(),
    applicationStatus(),
    containerStatus(),
  ]);
  const gateway = services.gateway?.running ? services.gateway : undefined;
  const running = { ...services, ...containers };
  const ready = Object.keys(running).length > 0 && Object.values(running).every((service) => service.ready);
  const url = gateway ? `http://127.0.0.1:${gateway.port}` : undefined;
  const facts = {
    ready,
    url,
    api_key_file: store.get('api_key') ? store.file : undefined,
    services: running,
    ...instances,
  };
  if (options.json) printJson(facts);
  else print(table(facts, instances));
  return ready ? 0 : 1;
}

function table({ url, services }, instances) {
  const lines = Object.entries(services).map(([name, { running, ready, pid, port }]) => {
    const state = running ? (ready ? 'ready' : 'up') : 'down';
    return `${name.padEnd(10)} ${state.padEnd(5)} ${[pid && `pid ${pid}`, port && `port ${port}`].filter(Boolean).join('  ')}`.trimEnd();
  });
  return [...lines, describe(instances), ...(url ? [`REST       ${url}`] : [])].join('\n');
}
