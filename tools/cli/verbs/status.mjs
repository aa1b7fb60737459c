import { applicationStatus } from '../application.mjs';
import { containerStatus } from '../containers.mjs';
import { upServices } from '../instances.mjs';
import { print, printJson } from '../output.mjs';
import { supervisorStatus } from '../supervisor.mjs';
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
    supervisor: supervisorStatus(),
    ...instances,
  };
  if (options.json) printJson(facts);
  else print(table(facts, instances));
  return ready ? 0 : 1;
}

function table({ url, services, supervisor }, instances) {
  const lines = Object.entries(services).map(([name, service]) => {
    const { pid, port, health_port: health, amiss } = service;
    const facts = [
      pid && `pid ${pid}`,
      port && `port ${port}`,
      health && health !== port && `metrics on ${health}`,
      restartsOf(service),
      amiss,
    ];
    return `${name.padEnd(10)} ${stateOf(service).padEnd(8)} ${facts.filter(Boolean).join('  ')}`.trimEnd();
  });
  const own = Object.values(services).some(({ pid }) => pid);
  const unwatched = own && !supervisor.running ? ['What dies is not started again: ./roundhouse up sees to it'] : [];
  return [...lines, describe(instances), ...(url ? [`REST       ${url}`] : []), ...unwatched].join('\n');
}

function stateOf({ running, ready, amiss }) {
  if (!running) return 'down';
  if (!ready) return 'up';
  return amiss ? 'degraded' : 'ready';
}

/** What was started again after it had died, is about to be, or was given up. */
function restartsOf({ running, restarts, restarted_at: last, restart_at: next, gave_up: gaveUp, log }) {
  if (gaveUp) return `given up after ${restarts} restarts: ${log} says why, ./roundhouse up starts it`;
  if (!running && next) return `died, started again at ${next}`;
  return restarts > 0 ? `restarted ${restarts}×, last at ${last}` : undefined;
}
