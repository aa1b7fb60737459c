import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';
import { picture } from './screens.js';

const sample = fileURLToPath(new URL('../../examples/trading', import.meta.url));

describeInBrowser('the pages of the trading coach', () => {
  let rig: ConsoleTest;
  beforeAll(async () => {
    rig = await ConsoleTest.start({
      workers: 0,
      importers: 1,
      env: { ROUNDHOUSE_MARKET_DATA_DIR: join(sample, 'bars') },
    });
    await Promise.all(['scorer', 'digest'].map((app) => rig.platform.launch(app)));
  });
  afterAll(() => rig?.stop());

  it('lead from a file to trades with tags, what-if curves and a digest', async () => {
    const { page, faults, context } = await rig.open('/trading/imports');
    await page.getByText('Nobody has imported trades yet').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel('User').fill('demo');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing was imported yet').waitFor();
    await page.getByLabel('Format').selectOption('schwab_csv');
    await page.getByLabel('File', { exact: true }).setInputFiles(join(sample, 'fills.csv'));
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Import' }).waitFor();
    await page.getByRole('status').getByText('succeeded').waitFor();
    await page.getByText('New trades').waitFor();
    await picture(page, 'trading-import');

    await page.getByRole('link', { name: 'See the trades' }).click();
    const trades = page.getByRole('table', { name: 'Closed trades' });
    // The scoring follows the import by itself, and the page follows the scoring.
    await trades.getByRole('row').nth(1).waitFor();
    await trades.locator('[title*="confidence"]').first().waitFor();
    await picture(page, 'trading-trades');
    await page
      .getByRole('button', { name: /^What if/ })
      .last()
      .click();
    await page.getByRole('heading', { level: 1, name: 'What-ifs' }).waitFor();
    await page.getByRole('table', { name: 'Alternatives' }).getByRole('row').nth(2).waitFor();
    await page.getByText('Figures of result by day of the sale').click();
    await page.getByRole('table', { name: 'Result by day of the sale' }).getByRole('row').nth(3).waitFor();
    await picture(page, 'trading-what-if');

    await page.getByRole('link', { name: 'Digests', exact: true }).click();
    await page.getByText('No digest was written yet').waitFor();
    await page.getByRole('button', { name: 'Write last week’s' }).click();
    const week = page.getByRole('table', { name: 'Digests' }).getByRole('link').first();
    await week.waitFor();
    const digest = await context.request.get((await week.getAttribute('href')) as string);
    expect([digest.status(), digest.headers()['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    await faults.expectNone();
    await context.close();
  }, 240_000);

  it('stay with a user, but not across tenants', async () => {
    const user = (page: Page) => page.getByLabel('User', { exact: true });
    const { page, faults, context } = await rig.open('/trading/trades?user=ada');
    await user(page).waitFor();
    await page.getByRole('link', { name: 'Digests', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Digests' }).waitFor();
    expect(await user(page).inputValue()).toBe('ada');
    await page.getByRole('button', { name: 'Log out' }).click();
    const { key = '' } = await rig.platform.clientOf('globex', 'admin');
    await page.getByLabel('API key').fill(key);
    await page.keyboard.press('Enter');
    await page.getByText('globex').waitFor();
    await page.getByRole('link', { name: 'Digests', exact: true }).click();
    await page.getByText('Nobody has imported trades yet').waitFor();
    expect(await page.content()).not.toContain('ada');
    await faults.expectNone();
    await context.close();
  });

  it('connect and disconnect an account; its secret goes in and never comes out', async () => {
    const { page, faults, context } = await rig.open('/trading/accounts?user=demo');
    await page.getByText('No account is connected').waitFor();
    const form = page.getByRole('region', { name: 'Connect an account' });
    await form.getByLabel('Name').fill('Paper');
    await form.getByLabel('Key').fill('key-1');
    await form.getByLabel('Secret').fill('secret-canary');
    await form.getByRole('button', { name: 'Connect' }).click();
    const row = page.getByRole('table', { name: 'Connected accounts' }).getByRole('row').filter({ hasText: 'Paper' });
    await row.waitFor();
    expect(await page.content()).not.toContain('secret-canary');
    await row.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
    await page.getByText('No account is connected').waitFor();
    await faults.expectNone();
    await context.close();
  });

  it.each(['light', 'dark'] as const)('are accessible and fit 375 px, %s', async (colorScheme) => {
    const { page, context } = await rig.open('/trading/accounts', {
      colorScheme,
      viewport: { width: 375, height: 700 },
    });
    for (const [path, ready] of [
      ['accounts', 'No account is connected'],
      ['imports', 'Past imports'],
      ['trades', 'Closed trades'],
      ['what-ifs', /All simulations|Nothing was simulated/],
      ['digests', 'Weeks'],
    ] as const) {
      await page.goto(`/trading/${path}?user=demo`);
      await page.getByText(ready).first().waitFor();
      expect([path, await accessibilityFaults(page)]).toEqual([path, []]);
      expect([path, await scrollsSideways(page)]).toEqual([path, false]);
    }
    await context.close();
  });
});
