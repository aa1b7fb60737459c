import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { copyId, ensureFolder } from './home.mjs';
import { Failure } from './failure.mjs';
import { runningRecord, startProcess, stopProcess } from './managed-process.mjs';
import { waitUntilReady } from './readiness.mjs';
import { isListening } from './port.mjs';
import { timedFetch } from './timed-fetch.mjs';

export const virtualHost = 'roundhouse';
const user = 'roundhouse';
const portNames = ['rabbitmq', 'rabbitmq_management', 'rabbitmq_distribution', 'rabbitmq_epmd'];

/**
 * A RabbitMQ node of this project alone: own name, data, cookie, port mapper and ports, everything on 127.0.0.1, no guest user. The
 * management plugin serves the tests (virtual hosts of their own) and `status`.
 */
export class PrivateRabbitmq {
  constructor({ folder, store, binaries }) {
    this.store = store;
    this.binaries = binaries;
    this.folder = join(folder, 'rabbitmq');
    this.runFolder = join(folder, 'run');
    this.logFolder = join(folder, 'logs');
    this.node = `roundhouse-${copyId(folder)}@localhost`;
  }

  get url() {
    return `amqp://${user}:${this.store.get('rabbitmq_password')}@127.0.0.1:${this.store.get('rabbitmq_port')}/${virtualHost}`;
  }

  get managementUrl() {
    return `http://${user}:${this.store.get('rabbitmq_password')}@127.0.0.1:${this.store.get('rabbitmq_management_port')}`;
  }

  running() {
    return runningRecord(this.runFolder, 'rabbitmq');
  }

  /** Starts the port mapper and the node, or waits for the node that an interrupted command left starting. @returns whether it had to be started */
  async start(update = () => {}) {
    const running = this.running();
    if (running) {
      await this.#waitUntilReady(running);
      return false;
    }
    await stopProcess(this.runFolder, 'epmd');
    const ports = {};
    for (const name of portNames) {
      ports[name] = await this.store.port(`${name}_port`);
    }
    this.#writeConfiguration(ports);
    update('starting RabbitMQ');
    const env = this.#environment(ports);
    await startProcess({
      runFolder: this.runFolder,
      name: 'epmd',
      command: this.binaries.epmd,
      args: ['-port', String(ports.rabbitmq_epmd), '-address', '127.0.0.1'],
      env,
      cwd: this.folder,
      logFile: join(this.logFolder, 'epmd.log'),
      facts: { port: ports.rabbitmq_epmd },
    });
    const record = await startProcess({
      runFolder: this.runFolder,
      name: 'rabbitmq',
      command: this.binaries.server,
      args: [],
      env,
      cwd: this.folder,
      logFile: join(this.logFolder, 'rabbitmq-start.log'),
      facts: { port: ports.rabbitmq, management_port: ports.rabbitmq_management, node: this.node },
    });
    await this.#waitUntilReady(record);
    return true;
  }

  async stop(options) {
    const outcome = await stopProcess(this.runFolder, 'rabbitmq', options);
    await stopProcess(this.runFolder, 'epmd', options);
    return outcome;
  }

  /** Runs the `rabbitmqctl` beside the server on this node: alarms, for one, are raised by nothing else. */
  async control(...args) {
    const ports = Object.fromEntries(portNames.map((name) => [name, this.store.get(`${name}_port`)]));
    await promisify(execFile)(join(dirname(this.binaries.server), 'rabbitmqctl'), ['-n', this.node, ...args], {
      env: this.#environment(ports),
    });
  }

  /** The management plugin answers before the listener for clients does. */
  #waitUntilReady(record) {
    const check = async () => (await isListening(record.port)) && (await brokerFacts(this.managementUrl)) !== undefined;
    return waitUntilReady(record, check);
  }

  #writeConfiguration(ports) {
    ensureFolder(this.folder, 0o700);
    for (const name of ['home', 'data', 'log']) ensureFolder(join(this.folder, name), 0o700);
    ensureFolder(this.logFolder);
    // Erlang terms and not rabbitmq.conf: the latter's translation costs a second at every start, and both work from 3.10 to 4.x.
    const configuration = `[
  {rabbit, [
    {tcp_listeners, [{"127.0.0.1", ${ports.rabbitmq}}]},
    {default_vhost, <<"${virtualHost}">>},
    {default_user, <<"${user}">>},
    {default_pass, <<"${this.store.secret('rabbitmq_password')}">>},
    {default_user_tags, [administrator]},
    {loopback_users, []},
    {disk_free_limit, 104857600},
    {vm_memory_high_watermark, 0.4}
  ]},
  {rabbitmq_management, [{tcp_config, [{ip, "127.0.0.1"}, {port, ${ports.rabbitmq_management}}]}]}
].
`;
    writeFileSync(join(this.folder, 'advanced.config'), configuration, { mode: 0o600 });
    writeFileSync(join(this.folder, 'enabled_plugins'), '[rabbitmq_management].\n');
    writeFileSync(join(this.folder, 'rabbitmq-env.conf'), '');
  }

  /** Only this: a RABBITMQ_* or ERL_* variable of the caller's would reach a node that is not his. */
  #environment(ports) {
    const inside = (name) => join(this.folder, name);
    return {
      PATH: process.env.PATH,
      LANG: process.env.LANG ?? 'C.UTF-8',
      HOME: inside('home'),
      detached: '1', // the server script becomes the Erlang machine instead of its parent, so the recorded pid is the broker's
      ERL_EPMD_PORT: String(ports.rabbitmq_epmd),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_CONF_ENV_FILE: inside('rabbitmq-env.conf'),
      RABBITMQ_NODENAME: this.node,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(ports.rabbitmq),
      RABBITMQ_DIST_PORT: String(ports.rabbitmq_distribution),
      RABBITMQ_MNESIA_BASE: inside('data'),
      RABBITMQ_LOG_BASE: inside('log'),
      RABBITMQ_CONFIG_FILE: inside('rabbitmq.conf'),
      RABBITMQ_ADVANCED_CONFIG_FILE: inside('advanced.config'),
      RABBITMQ_ENABLED_PLUGINS_FILE: inside('enabled_plugins'),
      RABBITMQ_PID_FILE: inside('pid'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    };
  }
}

/** The broker's own description through its management API, or undefined while it does not answer. */
export async function brokerFacts(managementUrl) {
  try {
    const { origin, username, password } = new URL(managementUrl);
    const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
    const { ok, text } = await timedFetch(`${origin}/api/overview`, { headers: { authorization }, timeoutMs: 5_000 });
    return ok ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Fails when the broker is older than the topology needs (per-queue message TTL on quorum queues came with 3.10). */
export function checkVersion(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 10))
    throw new Failure(`RabbitMQ ${version} is too old: 3.10 or newer is needed.`);
  return version;
}
