import { waitFor } from '@roundhouse/testing';
import { forgetOldSteps } from './forget-old-steps.js';

const daysAgo = (time: Date) => (Date.now() - time.getTime()) / 86_400_000;

it('forgets at once what is older than 90 days, and waits for that when it is stopped', async () => {
  const before: Date[] = [];
  let done = false;
  const stop = forgetOldSteps(
    {
      forget: async (time) => {
        before.push(time);
        await new Promise((resolve) => setImmediate(resolve));
        done = true;
        return 0;
      },
    },
    (error) => {
      throw error;
    },
  );
  await stop();
  expect(done).toBe(true);
  expect(before.map(daysAgo)).toEqual([expect.closeTo(90, 1)]);
});

it('says that it could not, and goes on', async () => {
  const errors: unknown[] = [];
  const stop = forgetOldSteps({ forget: () => Promise.reject(new Error('away')) }, (error) => errors.push(error));
  await waitFor(() => errors.length === 1, { describe: 'the error' });
  await stop();
  expect(errors).toMatchObject([{ message: 'away' }]);
});
