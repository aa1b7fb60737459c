import { waitFor } from './wait-for.js';

describe('waitFor', () => {
  it('gives the first value that is truthy', async () => {
    let looks = 0;
    expect(await waitFor(() => (++looks === 4 ? `look ${looks}` : undefined))).toBe('look 4');
  });

  it('keeps looking while the condition throws', async () => {
    let looks = 0;
    const condition = () => {
      if (++looks < 3) throw new Error('not yet');
      return looks;
    };
    expect(await waitFor(condition)).toBe(3);
  });

  it('says what it waited for and what it saw last', async () => {
    const never = waitFor(() => 0, { timeoutMs: 20, describe: 'the queue to fill' });
    await expect(never).rejects.toThrow('Waited 20 ms for the queue to fill; last value: 0');
    const failing = waitFor(() => Promise.reject(new Error('refused')), { timeoutMs: 20 });
    await expect(failing).rejects.toMatchObject({
      message: expect.stringContaining('last error: refused'),
      cause: expect.any(Error),
    });
  });
});
