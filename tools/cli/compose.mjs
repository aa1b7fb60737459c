import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brokerPassword } from './broker-users.mjs';
import { findProgram, run, runOrFail } from './command.mjs';
import { copyId, projectRoot } from './home.mjs';
import { brokerFacts, virtualHost } from './rabbitmq.mjs';
import { isListening } from './port.mjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';
import { keyVariable, purposes } from './key-ring.mjs';

/** True when an engine answers within three seconds and has the Compose plugin. */
export async function composeAnswers() {
  const docker = findProgram('docker');
  if (!docker) return false;
  const [engine, plugin] = await Promise.all([
    run(docker, ['info', '--format', '{{.ServerVersion}}'], { timeoutMs: 3_000 }),
    run(docker, ['compose', 'version', '--short'], { timeoutMs: 3_000 }),
  ]);
  return engine.code === 0 && plugin.code === 0 && engine.stdout.trim() !== '';
}

/**
 * PostgreSQL and RabbitMQ of this copy of the project as containers of a Compose project of its own, with the same remembered ports and
 * passwords as the private instances.
 */
export class ComposeServices {
  constructor({ folder, store }) {
    this.store = store;
    this.project = `roundhouse-${copyId(folder)}`;
  }

  get postgresUrl() {
    return `postgres://roundhouse_admin:${this.store.get('postgres_password')}@127.0.0.1:${this.store.get('postgres_port')}/postgres`;
  }

  get rabbitmqUrl() {
    return `amqp://roundhouse:${this.store.get('rabbitmq_password')}@127.0.0.1:${this.store.get('rabbitmq_port')}/${virtualHost}`;
  }

  get managementUrl() {
    return `http://roundhouse:${this.store.get('rabbitmq_password')}@127.0.0.1:${this.store.get('rabbitmq_management_port')}`;
  }

  /** @param {string[]} services of postgres, rabbitmq */
  async start(services) {
    if (this.store.get('compose_services')) await this.#compose(['stop'], 60_000);
    for (const name of ['postgres_port', 'rabbitmq_port', 'rabbitmq_management_port']) await this.store.port(name);
    this.store.secret('postgres_password');
    this.store.secret('rabbitmq_password');
    this.store.set('compose_services', services);
    await this.#compose(['up', '--detach', '--wait', '--wait-timeout', '180', ...services], 15 * 60_000);
    if (services.includes('rabbitmq')) await this.#waitForBroker();
  }

  /** Names of the services that run, empty when the engine does not answer. */
  async running() {
    if (!this.store.get('compose_services')) return [];
    const { code, stdout } = await run('docker', [...this.#prefix(), 'ps', '--services', '--status', 'running'], {
      env: this.#environment(),
      timeoutMs: 10_000,
    });
    return code === 0 ? stdout.split('\n').filter(Boolean) : [];
  }

  stop() {
    return this.#compose(['stop'], 60_000);
  }

  destroy() {
    return this.#compose(['down', '--volumes'], 60_000);
  }

  async #waitForBroker() {
    const end = Date.now() + 5 * 60_000;
    while (!(await isListening(this.store.get('rabbitmq_port'))) || !(await brokerFacts(this.managementUrl))) {
      if (Date.now() > end)
        throw new Failure('The RabbitMQ container does not answer after 5 min: `docker logs` of it says why.');
      await sleep(250);
    }
  }

  #prefix() {
    const files = ['docker-compose.yml', 'deploy/compose.services.yml'].flatMap((file) => [
      '-f',
      join(projectRoot, file),
    ]);
    return ['compose', '--project-name', this.project, ...files];
  }

  /** The other variables are demanded by docker-compose.yml for services that are not started here. */
  #environment() {
    const apps = readdirSync(join(projectRoot, 'apps'));
    return {
      ...Object.fromEntries(apps.map((app) => [brokerPassword(app), 'unused'])),
      ...process.env,
      POSTGRES_PASSWORD: this.store.get('postgres_password') ?? 'unused',
      RABBITMQ_PASSWORD: this.store.get('rabbitmq_password') ?? 'unused',
      ROUNDHOUSE_OWNER_PASSWORD: 'unused',
      ROUNDHOUSE_GATEWAY_PASSWORD: 'unused',
      ROUNDHOUSE_WORKER_PASSWORD: 'unused',
      ...Object.fromEntries(Object.keys(purposes).map((purpose) => [keyVariable(purpose), 'unused'])),
      POSTGRES_PORT: String(this.store.get('postgres_port')),
      RABBITMQ_PORT: String(this.store.get('rabbitmq_port')),
      RABBITMQ_MANAGEMENT_PORT: String(this.store.get('rabbitmq_management_port')),
    };
  }

  #compose(args, timeoutMs) {
    return runOrFail('Docker Compose', 'docker', [...this.#prefix(), ...args], { env: this.#environment(), timeoutMs });
  }
}
