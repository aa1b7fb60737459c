import { setTimeout as sleep } from 'node:timers/promises';
import { oneOf, runService } from '../src/index.js';
import { z } from 'zod';

/** Started as a process by bootstrap.spec.ts; `behaviour` says what is to go wrong. */
await runService({
  name: 'tiny',
  version: '1.0.0',
  config: z.object({
    behaviour: oneOf([
      'good',
      'slow-start',
      'bad-start',
      'slow-stop',
      'bad-stop',
      'throws',
      'rejects',
      'fails',
    ]).default('good'),
    apiKey: z.string().min(1, { error: 'a key' }),
  }),
  start: async ({ config: { behaviour }, log, health, fail }) => {
    if (behaviour === 'slow-start') await sleep(60_000);
    if (behaviour === 'bad-start') throw new Error('cannot reach amqp://guest:hunter2@nowhere');
    const trouble = () => new Error('trouble while running');
    if (behaviour === 'throws')
      setTimeout(() => {
        throw trouble();
      }, 50);
    if (behaviour === 'rejects') setTimeout(() => void Promise.reject(trouble()), 50);
    if (behaviour === 'fails') setTimeout(() => fail(trouble()), 50);
    health.register('always', () => true);
    return {
      ports: { http: 1 },
      stop: async (deadline) => {
        log.info({ ready: (await health.readiness()).status === 'ready' }, 'stop called');
        if (behaviour === 'bad-stop') throw new Error('cannot stop');
        if (behaviour === 'slow-stop')
          await sleep(60_000, undefined, { signal: deadline }).catch(() => log.info('handed back'));
      },
    };
  },
});
