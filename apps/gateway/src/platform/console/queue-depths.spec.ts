import { QueueDepths } from './queue-depths.js';

/** What the two say, read at six-second steps. */
async function readings(
  ...steps: { queued: number; inOutbox?: number; broker?: { messages: number; consumers: number } }[]
) {
  let step = steps[0]!;
  let asked = 0;
  const readLedger = async () => {
    asked += 1;
    return [{ queue: 'probes', queued: step.queued, in_outbox: step.inOutbox ?? 0 }];
  };
  const depths = new QueueDepths(readLedger, async () => {
    if (!step.broker) throw new Error('away');
    return [{ queue: 'probes', ...step.broker }];
  });
  const seen: (string | null)[] = [];
  for (const [index, next] of steps.entries()) {
    step = next;
    const [depth] = await depths.read(index * 6_000);
    await depths.read(index * 6_000 + 4_000);
    seen.push(depth!.mismatch);
  }
  expect(asked).toBe(steps.length);
  return seen;
}

describe('ledger and broker beside each other', () => {
  it('agree when the broker holds no more than was sent, which bundles make less', async () => {
    expect(await readings({ queued: 10, inOutbox: 4, broker: { messages: 6, consumers: 1 } })).toEqual([null]);
    expect(await readings({ queued: 10, broker: { messages: 0, consumers: 1 } })).toEqual([null]);
  });

  it('do not when copies stay, but not for what came in while they were read', async () => {
    const more = { queued: 2, broker: { messages: 5, consumers: 1 } };
    const fine = { queued: 5, broker: { messages: 5, consumers: 1 } };
    expect(await readings(more, more, fine, more)).toEqual([null, 'copies', null, null]);
  });

  it('say when nobody consumes what waits, and when the broker does not answer', async () => {
    expect(await readings({ queued: 1, broker: { messages: 1, consumers: 0 } })).toEqual(['unconsumed']);
    expect(await readings({ queued: 0, broker: { messages: 0, consumers: 0 } })).toEqual([null]);
    expect(await readings({ queued: 0 })).toEqual(['unanswered']);
  });
});
