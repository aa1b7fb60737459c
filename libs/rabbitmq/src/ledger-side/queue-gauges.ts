import { catalogue } from '@roundhouse/contracts';
import { gauge } from '@roundhouse/telemetry';
import type { BrokerConnection } from '../connection/index.js';
import { claimsQueue, eventsQueue, jobQueue, quarantineQueue } from '../topology/index.js';

/** A queue of the broker's, under the name that jobs know it by. */
export interface BrokerQueue {
  queue: string;
  messages: number;
  consumers: number;
}

/** Two gauges are read from one asking. */
const freshMs = 1_000;

/**
 * Feeds the depth and the consumers of the broker's queues to the metrics, under the names that jobs know them by. On a
 * channel of its own: asking for a queue that is missing closes it, and with it what else would be under way there.
 * @returns what asks the same, at most once a second
 */
export async function observeQueues(connection: BrokerConnection): Promise<() => Promise<BrokerQueue[]>> {
  const channel = await connection.openChannel(() => undefined);
  const names = new Map(catalogue.queues().map((queue) => [queue, jobQueue(queue)]));
  names.set('ledger.claims', claimsQueue).set('ledger.events', eventsQueue).set('quarantine', quarantineQueue);

  async function ask(): Promise<BrokerQueue[]> {
    const depths: BrokerQueue[] = [];
    for (const [queue, name] of names) {
      const answer = await channel.current?.checkQueue(name);
      if (answer) depths.push({ queue, messages: answer.messageCount, consumers: answer.consumerCount });
    }
    return depths;
  }

  let last: { at: number; depths: Promise<BrokerQueue[]> } | undefined;
  function depths(): Promise<BrokerQueue[]> {
    if (!last || Date.now() - last.at > freshMs) last = { at: Date.now(), depths: ask() };
    return last.depths;
  }

  gauge('brokerMessages', async () =>
    (await depths()).map(({ queue, messages }) => ({ value: messages, labels: { queue } })),
  );
  gauge('brokerConsumers', async () =>
    (await depths()).map(({ queue, consumers }) => ({ value: consumers, labels: { queue } })),
  );
  return depths;
}
