import { rmSync } from 'node:fs';
import { findProgram } from './command.mjs';
import { canInstallPackages, installPackages } from './apt.mjs';
import { ComposeServices, composeAnswers } from './compose.mjs';
import { discover, failOnMissing, packages } from './discovery.mjs';
import { Failure } from './failure.mjs';
import { PrivatePostgres } from './postgres.mjs';
import { findPostgres } from './postgres-binaries.mjs';
import { PrivateRabbitmq, brokerFacts, checkVersion } from './rabbitmq.mjs';
import { findRabbitmq } from './rabbitmq-binaries.mjs';
import { PrivateRedis } from './redis.mjs';
import { Store } from './store.mjs';

const finders = {
  postgres: findPostgres,
  rabbitmq: async () => findRabbitmq(),
  redis: async () => {
    const server = findProgram('redis-server');
    return server && { server };
  },
};

/** PostgreSQL, RabbitMQ and, for the benchmark, Redis: found or started, in one folder with one set of ports and passwords. */
export class Services {
  /**
   * @param {object} options
   * @param {string} options.folder data, logs, records and state.json of this set
   * @param {Record<string, string | undefined>} [options.urls] per service the URL that the environment gives
   */
  constructor({ folder, urls = {}, progress }) {
    this.folder = folder;
    this.store = new Store(folder);
    this.urls = urls;
    this.progress = progress;
    this.compose = new ComposeServices({ folder, store: this.store });
  }

  /** Makes the named services answer. @returns {Promise<Record<string, {source: string, url: string, management_url?: string}>>} */
  async up(names) {
    const choices = await this.#choose(names);
    const containers = names.filter((name) => choices[name].source === 'compose');
    const running = containers.length > 0 ? await this.compose.running() : [];
    if (containers.some((name) => !running.includes(name))) {
      await this.progress.step(`starting ${containers.join(', ')} with Docker Compose`, () =>
        this.compose.start(containers),
      );
    }
    // Side by side: the broker needs ten times as long as the database.
    const own = names.filter((name) => choices[name].source === 'binaries');
    const started = own.filter((name) => !this.#instance(name).running());
    if (started.length > 0) {
      await this.progress.step(`starting ${started.map((name) => packages[name].title.split(' ')[0]).join(', ')}`, () =>
        settleAll(started.map((name) => this.#instance(name, choices[name].binaries).start())),
      );
    }
    await this.#waitFor(own.filter((name) => !started.includes(name)));
    const result = {};
    for (const name of names) result[name] = await this.#describe(name, choices[name]);
    return result;
  }

  /** Stops what `up` started; URLs of the environment are not ours to stop. @returns {Promise<Record<string, string>>} */
  async down(stopOptions) {
    const outcome = {};
    if (this.store.get('compose_services')) {
      const running = await this.compose.running();
      if (running.length > 0) await this.compose.stop();
      for (const name of running) outcome[name] = 'stopped';
    }
    const names = Object.keys(finders);
    const outcomes = await settleAll(names.map((name) => this.#instance(name).stop(stopOptions)));
    names.forEach((name, index) => {
      if (outcomes[index] !== 'absent') outcome[name] = outcomes[index];
    });
    return outcome;
  }

  /** Ends them at once and removes their data: what lived for one run has nothing to write any more. */
  async destroy() {
    if (this.store.get('compose_services')) await this.compose.destroy();
    await this.down({ signalName: 'SIGKILL' });
    this.#instance('postgres').destroy();
    rmSync(this.folder, { recursive: true, force: true });
    this.store.clear();
  }

  /** What runs now, without starting anything. */
  async status(names = ['postgres', 'rabbitmq']) {
    const containers = await this.compose.running();
    const result = {};
    for (const name of names) {
      const record = this.#instance(name).running();
      const source = this.urls[name]
        ? 'environment'
        : record
          ? 'binaries'
          : containers.includes(name)
            ? 'compose'
            : undefined;
      result[name] = source
        ? {
            running: true,
            pid: record?.pid,
            port: record?.port,
            restarts: record?.restarts,
            ...(await this.#describe(name, { source })),
          }
        : { running: false };
    }
    return result;
  }

  /** Those that run: at once, unless an interrupted command has left them starting. */
  async #waitFor(names) {
    const text = `… waiting for ${names.map((name) => packages[name].title.split(' ')[0]).join(', ')}`;
    const timer = setTimeout(() => this.progress.note(text), 1_000);
    try {
      await settleAll(names.map((name) => this.#instance(name).start()));
    } finally {
      clearTimeout(timer);
    }
  }

  async #choose(names) {
    let choices = await this.#discoverAll(names);
    failOnMissing(choices);
    const missing = names.filter((name) => choices[name].source === 'packages');
    if (missing.length > 0) {
      await installPackages(
        missing.map((name) => packages[name].apt),
        this.progress,
      );
      choices = { ...choices, ...(await this.#discoverAll(missing)) };
      const still = missing.filter((name) => choices[name].source !== 'binaries');
      if (still.length > 0)
        throw new Failure(
          `Installed, but not usable: ${still.map((name) => packages[name].title).join(', ')} (the distribution's may be too old).`,
        );
    }
    for (const name of names)
      if (choices[name].source !== 'environment') this.store.set(`${name}_source`, choices[name].source);
    return choices;
  }

  async #discoverAll(names) {
    const choices = {};
    let engine;
    for (const name of names) {
      choices[name] = await discover({
        url: this.urls[name],
        remembered: this.store.get(`${name}_source`),
        // No container for Redis: its benchmark would measure the container's network.
        compose: async () => name !== 'redis' && (engine ??= await composeAnswers()),
        binaries: finders[name],
        apt: canInstallPackages,
      });
    }
    return choices;
  }

  #instance(name, binaries) {
    const kinds = { postgres: PrivatePostgres, rabbitmq: PrivateRabbitmq, redis: PrivateRedis };
    return new kinds[name]({ folder: this.folder, store: this.store, binaries });
  }

  async #describe(name, { source, url }) {
    if (source === 'environment') {
      const given = { source, url: url ?? this.urls[name] };
      return name === 'rabbitmq' && this.urls.management ? { ...given, management_url: this.urls.management } : given;
    }
    const inContainer = source === 'compose';
    if (name !== 'rabbitmq') return { source, url: inContainer ? this.compose.postgresUrl : this.#instance(name).url };
    const { url: amqp, managementUrl } = inContainer
      ? { url: this.compose.rabbitmqUrl, managementUrl: this.compose.managementUrl }
      : this.#instance(name);
    const facts = await brokerFacts(managementUrl);
    return { source, url: amqp, management_url: managementUrl, version: facts && checkVersion(facts.rabbitmq_version) };
  }
}

/** Like Promise.all, but waits for the others before it fails, so that nothing is being started behind our back. */
async function settleAll(promises) {
  const results = await Promise.allSettled(promises);
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  return results.map(({ value }) => value);
}
