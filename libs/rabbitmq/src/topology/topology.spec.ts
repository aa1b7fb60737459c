import { catalogue } from '@roundhouse/contracts';
import { waitLevelsMs } from '@roundhouse/jobs';
import { jobQueue, topology, waitQueue } from './topology.js';

describe('topology', () => {
  const { exchanges, queues, bindings } = topology();

  it('has a queue for every queue of the catalogue and every wait level', () => {
    const names = queues.map((q) => q.name);
    for (const queue of catalogue.queues()) expect(names).toContain(jobQueue(queue));
    for (const level of waitLevelsMs) expect(names).toContain(waitQueue(level));
    expect(new Set(names).size).toBe(names.length);
  });

  it('binds every queue, to exchanges it declares', () => {
    const declared = new Set(exchanges.map((e) => e.name));
    expect(bindings.map((b) => b.queue).sort()).toEqual(queues.map((q) => q.name).sort());
    for (const { exchange } of bindings) expect(declared).toContain(exchange);
    for (const { arguments: args } of queues) {
      const target = args['x-dead-letter-exchange'];
      if (target !== undefined) expect(declared).toContain(target);
    }
  });

  it('has only arguments that RabbitMQ 3.10 to 4.x take alike', () => {
    const allowed = [
      'x-queue-type',
      'x-delivery-limit',
      'x-message-ttl',
      'x-dead-letter-exchange',
      'x-dead-letter-strategy',
      'x-overflow',
    ];
    for (const { arguments: args } of queues) for (const name of Object.keys(args)) expect(allowed).toContain(name);
  });

  it('gives every quorum queue that is consumed a delivery limit of its own: the default differs and drops', () => {
    const waiting = new Set(waitLevelsMs.map(waitQueue));
    for (const { name, arguments: args } of queues) {
      if (args['x-queue-type'] !== 'quorum' || waiting.has(name)) continue;
      expect([name, Number(args['x-delivery-limit']) > 0]).toEqual([name, true]);
    }
  });

  it('dead-letters at least once, which takes three arguments together', () => {
    for (const { arguments: args } of queues) {
      if (args['x-dead-letter-exchange'] === undefined) continue;
      expect(args).toMatchObject({
        'x-queue-type': 'quorum',
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      });
    }
  });
});
