import { amqpFields, ConfigError, loadConfig } from '@roundhouse/service';
import {
  applyTopology,
  planTopology,
  purgeTopology,
  topology,
  TopologyMismatch,
  type TopologyItem,
} from '@roundhouse/rabbitmq';
import { z } from 'zod';

/** `topology plan|apply|verify|purge [--json]`: shows, declares, checks or empties what Roundhouse needs at the broker. */
const usage = 'usage: topology plan|apply|verify|purge [--json]';
const verbs = { plan: planTopology, apply: applyTopology, verify: planTopology, purge: purgeTopology };

function print(items: TopologyItem[], json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify({ items })}\n`);
  for (const { state, type, name, detail } of items)
    process.stdout.write(`${state.padEnd(9)} ${type.padEnd(8)} ${name}  (${detail})\n`);
}

async function run(verb: string | undefined, json: boolean): Promise<number> {
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
