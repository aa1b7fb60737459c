import { connect, type ChannelModel } from 'amqplib';
import type { BrokerConnection } from '../connection/index.js';
import type { QueueDefinition, Topology } from './topology.js';

/** `declared`: it was missing until now; `purged`: what lay in it is gone. */
export type TopologyState = 'present' | 'missing' | 'different' | 'declared' | 'purged';

export interface TopologyItem {
  type: 'exchange' | 'queue' | 'binding';
  name: string;
  state: TopologyState;
  detail: string;
}

export class TopologyMismatch extends Error {
  override readonly name = 'TopologyMismatch';
}

const isCode = (error: unknown, code: number): boolean => (error as { code?: number }).code === code;

/** Runs one declaration on a channel of its own, because a refused one closes its channel. */
async function attempt(
  model: ChannelModel,
  declare: (channel: Awaited<ReturnType<ChannelModel['createChannel']>>) => Promise<unknown>,
) {
  const channel = await model.createChannel();
  channel.on('error', () => undefined); // the rejected call carries the error
  try {
    await declare(channel);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await channel.close().catch(() => undefined); // closed already by the refusal
  }
}

function stateOf(missing: unknown, refused: unknown): TopologyState {
  if (missing) {
    if (isCode(missing, 404)) return 'missing';
    throw missing;
  }
  if (!refused) return 'present';
  if (isCode(refused, 406)) return 'different';
  throw refused;
}

async function queueState(model: ChannelModel, queue: QueueDefinition): Promise<TopologyState> {
  const missing = await attempt(model, (channel) => channel.checkQueue(queue.name));
  // Declaring again with the same arguments changes nothing; with others it is refused.
  const refused = missing ? undefined : await attempt(model, (channel) => declareQueue(channel, queue));
  return stateOf(missing, refused);
}

type Declarer = Pick<Awaited<ReturnType<ChannelModel['createChannel']>>, 'assertQueue'>;
const declareQueue = (channel: Declarer, queue: QueueDefinition) =>
  channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });

async function withConnection<T>(url: string, run: (model: ChannelModel) => Promise<T>): Promise<T> {
  const model = await connect(url);
  model.on('error', () => undefined); // surfaces in the call that fails
  try {
    return await run(model);
  } finally {
    await model.close();
  }
}

async function compare(model: ChannelModel, wanted: Topology): Promise<TopologyItem[]> {
  const items: TopologyItem[] = [];
  for (const { name, type } of wanted.exchanges) {
    const missing = await attempt(model, (channel) => channel.checkExchange(name));
    const refused = missing ? undefined : await attempt(model, (c) => c.assertExchange(name, type, { durable: true }));
    items.push({ type: 'exchange', name, state: stateOf(missing, refused), detail: type });
  }
  for (const queue of wanted.queues) {
    items.push({ type: 'queue', name: queue.name, state: await queueState(model, queue), detail: queue.purpose });
  }
  return items;
}

/** What is there and what is not. Changes nothing. Bindings cannot be asked for over AMQP; `applyTopology` makes them. */
export async function planTopology(url: string, wanted: Topology): Promise<TopologyItem[]> {
  return withConnection(url, (model) => compare(model, wanted));
}

/**
 * Declares what is missing and answers the state after that. Throws TopologyMismatch, before changing anything, when something exists with other
 * arguments: those cannot be changed, the queue needs a new version.
 */
export async function applyTopology(url: string, wanted: Topology): Promise<TopologyItem[]> {
  return withConnection(url, async (model) => {
    const items = await compare(model, wanted);
    const different = items.filter((item) => item.state === 'different');
    if (different.length > 0) {
      const names = different.map((item) => `${item.type} ${item.name}`).join(', ');
      const remedy = 'Arguments cannot be changed: delete what is named when it is empty, and apply again';
      throw new TopologyMismatch(`Declared with other arguments than this version wants: ${names}. ${remedy}`);
    }
    const channel = await model.createChannel();
    for (const { name, type } of wanted.exchanges) await channel.assertExchange(name, type, { durable: true });
    for (const queue of wanted.queues) await declareQueue(channel, queue);
    for (const { exchange, queue, routingKey, arguments: args } of wanted.bindings) {
      await channel.bindQueue(queue, exchange, routingKey, args);
    }
    await channel.close();
    return items.map((item) => (item.state === 'missing' ? { ...item, state: 'declared' } : item));
  });
}

/**
 * Empties every queue there is, for a ledger that was restored from a backup: deliveries are made again from it, and outcomes that
 * were reported after the backup would end jobs whose effects are not in it. Only while no service runs: what a consumer
 * has in its hands is not in the queue.
 */
export async function purgeTopology(url: string, wanted: Topology): Promise<TopologyItem[]> {
  return withConnection(url, async (model) => {
    const items = (await compare(model, wanted)).filter(({ type, state }) => type === 'queue' && state !== 'missing');
    const channel = await model.createChannel();
    const purged: TopologyItem[] = [];
    for (const item of items) {
      const { messageCount } = await channel.purgeQueue(item.name);
      purged.push({ ...item, state: 'purged', detail: `${messageCount} messages` });
    }
    await channel.close();
    return purged;
  });
}

/**
 * For services, which may not declare anything: the queues they need are there. RabbitMQ 4.2.6 and 4.3.0 tell that only to who may declare; then consuming
 * shows it.
 */
export async function verifyPresence(connection: BrokerConnection, queues: readonly string[]): Promise<void> {
  for (const queue of queues) {
    const probe = await connection.openChannel(() => undefined);
    const channel = await probe.ready();
    try {
      await channel.checkQueue(queue);
    } catch (error) {
      if (isCode(error, 403)) continue;
      if (!isCode(error, 404)) throw error;
      throw new TopologyMismatch(`Queue ${queue} does not exist; run "./roundhouse topology apply"`, { cause: error });
    } finally {
      await probe.close();
    }
  }
}
