import { amqpFields, ConfigError, loadConfig, secret, url } from '@roundhouse/service';
import {
  applyTopology,
  applyUsers,
  brokerRights,
  planTopology,
  purgeTopology,
  topology,
  TopologyMismatch,
  type TopologyItem,
} from '@roundhouse/rabbitmq';
import { z } from 'zod';

/**
 * `topology plan|apply|verify|purge [--json]`: shows, declares, checks or empties what Roundhouse needs at the broker.
 * `topology users`: makes the users of the services, each with its rights, those whose passwords are given.
 */
const usage = 'usage: topology plan|apply|verify|purge [--json], topology users';
const verbs = { plan: planTopology, apply: applyTopology, verify: planTopology, purge: purgeTopology };

function print(items: TopologyItem[], json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify({ items })}\n`);
  for (const { state, type, name, detail } of items)
    process.stdout.write(`${state.padEnd(9)} ${type.padEnd(8)} ${name}  (${detail})\n`);
}

/** ROUNDHOUSE_BROKER_SCORER_PASSWORD and so on. */
const passwordFields = Object.fromEntries(
  Object.keys(brokerRights).map((service) => [
    `broker${service[0]?.toUpperCase()}${service.slice(1)}Password`,
    service,
  ]),
);
const usersConfig = z.object({
  ...amqpFields,
  rabbitmqManagementUrl: url(['http', 'https']),
  ...Object.fromEntries(Object.keys(passwordFields).map((field) => [field, secret(1).optional()])),
});

async function makeUsers(): Promise<number> {
  const config = loadConfig(usersConfig);
  const given = config as Record<string, string | undefined>;
  const passwords: Record<string, string> = {};
  for (const [field, service] of Object.entries(passwordFields)) if (given[field]) passwords[service] = given[field];
  const vhost = decodeURIComponent(new URL(config.amqpUrl).pathname.slice(1));
  const names = await applyUsers({ managementUrl: config.rabbitmqManagementUrl, vhost, passwords });
  for (const name of names) process.stdout.write(`${name}\n`);
  return 0;
}

async function run(verb: string | undefined, json: boolean): Promise<number> {
  if (verb === 'users') return makeUsers();
  if (verb === undefined || !Object.hasOwn(verbs, verb)) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const { amqpUrl } = loadConfig(z.object(amqpFields));
  const items = await verbs[verb as keyof typeof verbs](amqpUrl, topology());
  print(items, json);
  return verb === 'verify' && items.some((item) => item.state !== 'present') ? 1 : 0;
}

try {
  const [verb, ...flags] = process.argv.slice(2);
  process.exitCode = await run(verb, flags.includes('--json'));
} catch (error) {
  const plain = error instanceof ConfigError || error instanceof TopologyMismatch;
  process.stderr.write(`${plain ? (error as Error).message : String((error as Error).stack ?? error)}\n`);
  process.exitCode = error instanceof ConfigError ? 78 : 1;
}
