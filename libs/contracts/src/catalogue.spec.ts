import { catalogue } from './catalogue.js';
import { jobKinds } from './generated/kinds.js';

describe('catalogue', () => {
  it('reads every kind of the contract from its proto options', () => {
    expect(catalogue.kinds().map((k) => k.kind)).toEqual(Object.keys(jobKinds).sort());
    expect(catalogue.kind('trading.import_trades')).toMatchObject({
      queue: 'imports',
      version: 1,
      timeoutMs: 900_000,
      retry: { backoff: 'exponential', maxAttempts: 8, initialMs: 2_000, multiplier: 3, capMs: 3_600_000 },
    });
  });

  it('fills in the documented defaults', () => {
    expect(catalogue.kind('platform.noop')).toMatchObject({
      queue: 'default',
      timeoutMs: 300_000,
      retry: { backoff: 'polynomial', maxAttempts: 25, capMs: 21_600_000 },
    });
  });

  it('names kinds <area>.<verb> and queues in lower case', () => {
    for (const { kind, queue } of catalogue.kinds()) {
      expect(kind).toMatch(/^[a-z]+\.[a-z_]+$/);
      expect(queue).toMatch(/^[a-z_]+$/);
    }
  });

  it("reads the queues' shares", () => {
    expect(
      ['critical', 'mesh_generation', 'batch', 'default', 'low'].map((q) => catalogue.queueClass(q).weight),
    ).toEqual([10, 5, 3, 2, 1]);
    expect(catalogue.queueClass('imports')).toEqual({ queue: 'imports', weight: 2, processLimit: undefined });
  });
});
