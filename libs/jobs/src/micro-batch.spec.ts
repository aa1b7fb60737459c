import fc from 'fast-check';
import { MicroBatch } from './micro-batch.js';

/** A flush that the test lets go batch by batch. */
function gate() {
  const batches: { items: number[]; answer(results?: (number | Error)[]): void; fail(error: Error): void }[] = [];
  let highest = 0;
  let underWay = 0;
  const flush = (items: number[]) =>
    new Promise<(number | Error)[]>((resolve, reject) => {
      underWay += 1;
      highest = Math.max(highest, underWay);
      batches.push({
        items,
        answer: (results = items.map((i) => i * 10)) => ((underWay -= 1), resolve(results)),
        fail: (error) => ((underWay -= 1), reject(error)),
      });
    });
  return { flush, batches, highest: () => highest };
}

/** Until everything that can happen now has happened. */
const settled = async () => {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('MicroBatch', () => {
  it('sends what was added in one turn together, and what came meanwhile in the next batch', async () => {
    const { flush, batches } = gate();
    const batch = new MicroBatch(flush);
    const first = [batch.add(1), batch.add(2)];
    await settled();
    const second = [batch.add(3), batch.add(4), batch.add(5)];
    await settled();
    expect(batches.map((b) => b.items)).toEqual([[1, 2]]);
    batches[0]!.answer();
    expect(await Promise.all(first)).toEqual([10, 20]);
    await settled();
    expect(batches.map((b) => b.items)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    batches[1]!.answer();
    expect(await Promise.all(second)).toEqual([30, 40, 50]);
  });

  it('rejects the one item whose result is an error', async () => {
    const batch = new MicroBatch<number, number>(async (items) =>
      items.map((i) => (i === 2 ? new Error(`${i} is wrong`) : i)),
    );
    const outcomes = await Promise.allSettled([1, 2, 3].map((i) => batch.add(i)));
    expect(outcomes.map((o) => (o.status === 'fulfilled' ? o.value : (o.reason as Error).message))).toEqual([
      1,
      '2 is wrong',
      3,
    ]);
  });

  it.each([
    ['rejects', async () => Promise.reject(new Error('no'))],
    [
      'throws at once',
      () => {
        throw new Error('no');
      },
    ],
  ])('rejects all items of a batch whose flush %s, and goes on', async (_how, broken) => {
    let failing = true;
    const batch = new MicroBatch<number, number>((items) => (failing ? broken() : Promise.resolve(items)));
    const outcomes = await Promise.allSettled([batch.add(1), batch.add(2)]);
    expect(outcomes.map((o) => o.status)).toEqual(['rejected', 'rejected']);
    failing = false;
    expect(await batch.add(3)).toBe(3);
  });

  it('has at most maxConcurrent flushes under way', async () => {
    const { flush, batches, highest } = gate();
    const batch = new MicroBatch(flush, { maxItems: 1, maxConcurrent: 3 });
    const all = Array.from({ length: 10 }, (_, i) => batch.add(i));
    for (let answered = 0; answered < 10; answered += 1) {
      await settled();
      expect(batches.length).toBe(Math.min(10, answered + 3));
      batches[answered]!.answer();
    }
    await Promise.all(all);
    expect(highest()).toBe(3);
  });

  it('counts weights towards maxItems, and lets a heavier item go alone', async () => {
    const batches: number[][] = [];
    const batch = new MicroBatch<number, void>(
      async (items) => {
        batches.push(items);
        return items.map(() => undefined);
      },
      { maxItems: 10, weigh: (i) => i },
    );
    await Promise.all([4, 6, 1, 50, 9, 1, 1].map((i) => batch.add(i)));
    expect(batches).toEqual([[4, 6], [1], [50], [9, 1], [1]]);
  });

  it('lets the first item wait for company', async () => {
    const batches: number[][] = [];
    const batch = new MicroBatch<number, number>(
      async (items) => {
        batches.push(items);
        return items;
      },
      { lingerMs: 500 },
    );
    const first = batch.add(1);
    await settled();
    await Promise.all([first, batch.add(2)]);
    expect(batches).toEqual([[1, 2]]);
  });

  it('is drained when everything is answered, failures included', async () => {
    const { flush, batches } = gate();
    const batch = new MicroBatch(flush, { maxItems: 1 });
    await batch.drained(); // nothing to wait for
    let drained = false;
    const first = batch.add(1);
    const second = batch.add(2);
    void batch.drained().then(() => (drained = true));
    await settled();
    batches[0]!.answer();
    await first;
    await settled();
    expect(drained).toBe(false);
    batches[1]!.fail(new Error('no'));
    await expect(second).rejects.toThrow('no');
    await settled();
    expect(drained).toBe(true);
  });

  it('answers every item with its own result, in whatever sizes they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 4 }),
        async (items, maxItems, maxConcurrent) => {
          const flushed: number[] = [];
          const flush = async (batch: number[]) => {
            await settled();
            flushed.push(...batch);
            return batch.map((i) => i * 10);
          };
          const batch = new MicroBatch(flush, { maxItems, maxConcurrent, weigh: (i) => i });
          expect(await Promise.all(items.map((i) => batch.add(i)))).toEqual(items.map((i) => i * 10));
          expect(flushed.length).toBe(items.length);
          if (maxConcurrent === 1) expect(flushed).toEqual(items);
        },
      ),
      { numRuns: 40 },
    );
  });
});
