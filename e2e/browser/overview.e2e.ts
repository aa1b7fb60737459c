import { waitFor } from '@roundhouse/testing';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest, type ConsoleWindow } from './console.js';
import { fastest } from '../platform/fastest.js';
import { picture } from './screens.js';

describeInBrowser('the overview', () => {
  let rig: ConsoleTest;
  beforeAll(async () => {
    rig = await ConsoleTest.start();
  });
  afterAll(() => rig?.stop());

  it('shows figures, queues and workers, and follows them by itself', async () => {
    const { operator } = rig.platform;
    const { page, faults, context } = await rig.open('/', { tenant: 'operator' });
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByText('Nothing ran in the last hour').waitFor();
    const ids = [];
    for (let n = 0; n < 20; n += 1) ids.push(await operator.submit('platform.noop', { text: String(n) }));
    ids.push(await operator.probe({ failures: 99, failure_code: 'ERROR_CODE_INVALID_INPUT' }));
    const long = await operator.probe({ work: '60s', steps: 10 });
    await rig.platform.allFinished(ids);
    const kinds = page.getByRole('table', { name: 'Kinds of jobs in the last hour' });
    const row = kinds.getByRole('row').filter({ hasText: 'platform.noop' });
    await row.getByRole('cell').nth(1).getByText('20', { exact: true }).waitFor();
    await kinds.getByRole('row').filter({ hasText: 'platform.probe' }).getByRole('link', { name: '1' }).waitFor();
    const worker = page.getByRole('table', { name: 'Workers' }).getByRole('row').filter({ hasText: 'probe' });
    await worker.getByRole('link', { name: 'platform.probe' }).waitFor();
    await page
      .getByRole('link', { name: /Died in the hour/ })
      .getByText('1', { exact: true })
      .waitFor();
    await page.getByText('Figures of jobs per minute').click();
    const succeeded = page.getByRole('table', { name: 'Jobs per minute' }).locator('tbody tr td:nth-child(2)');
    // They may have ended on both sides of a minute's end.
    const sum = async () => (await succeeded.allTextContents()).reduce((total, count) => total + Number(count), 0);
    await waitFor(async () => (await sum()) === 20, { describe: 'twenty in the figures' });
    await picture(page, 'overview');
    await page.getByRole('button', { name: 'Last day' }).click();
    await page.getByText('Jobs per ten minutes').first().waitFor();
    expect(new URL(page.url()).searchParams.get('span')).toBe('day');
    await operator.send(`/v1/jobs/${long}/cancel`, { method: 'POST' });
    await page.getByRole('link', { name: /Died in the hour/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await page.getByRole('status').getByText('1 job', { exact: true }).waitFor();
    await faults.expectNone();
    await context.close();
  });

  it('shows a tenant whether somebody listens, and nothing of workers or the broker', async () => {
    const { page, faults, context } = await rig.open('/now');
    const queues = page.getByRole('table', { name: 'Queues' });
    const row = queues.getByRole('row').filter({ hasText: 'probes' });
    await row.getByText('listening', { exact: true }).waitFor();
    expect(await page.getByText('At the broker').count()).toBe(0);
    expect(await page.getByRole('heading', { name: 'Workers' }).count()).toBe(0);
    await page.goto('/workers');
    await page.getByRole('row').filter({ hasText: 'probes' }).getByText('listening').waitFor();
    await page.goto('/queues');
    await page.getByRole('row').filter({ hasText: 'probes' }).getByText('listening').waitFor();
    expect(await page.getByText('broker').count()).toBe(0);
    await faults.expectNone();
    await context.close();
  });

  it('is read once for all who look', async () => {
    const statements = async (): Promise<number> => {
      const [row] = await rig.platform.ledger.query<{ count: string }[]>(
        `select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()`,
      );
      return Number(row?.count);
    };
    // What the platform does by itself is in both measurements.
    const during = async (ms: number): Promise<number> => {
      await rig.platform.ledger.query('select pg_stat_clear_snapshot()');
      const before = await statements();
      const until = Date.now() + ms;
      await waitFor(() => Date.now() >= until, { timeoutMs: ms + 10_000, describe: 'the time to be over' });
      await rig.platform.ledger.query('select pg_stat_clear_snapshot()');
      return (await statements()) - before;
    };
    const first = await rig.open('/now');
    await first.page.getByText('Every five seconds').waitFor();
    await during(5_000);
    const one = await during(20_000);
    const others: ConsoleWindow[] = [];
    const openSome = async (lane: number) => {
      for (let n = lane; n < 20; n += 4) {
        const opened = await rig.open(n % 2 ? '/now' : '/jobs');
        await opened.page.getByRole('heading', { level: 1 }).waitFor();
        others.push(opened);
      }
    };
    await Promise.all([1, 2, 3, 4].map(openSome));
    expect(others).toHaveLength(19);
    await during(5_000);
    // What a busy machine is late with, of the opening of the pages, is not in every measurement.
    const twenty = await fastest(one * 1.5, () => during(20_000));
    expect(twenty / one).toBeLessThan(1.5);
    for (const { context } of [first, ...others]) await context.close();
  }, 600_000);

  it.each(['light', 'dark'] as const)('is accessible and fits 375 px, %s', async (colorScheme) => {
    const { page, context } = await rig.open('/now', {
      tenant: 'operator',
      colorScheme,
      viewport: { width: 375, height: 700 },
    });
    await page.getByText('Every five seconds').waitFor();
    await page.getByRole('heading', { name: 'Workers' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    await context.close();
  });
});
