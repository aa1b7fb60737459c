import type { Page, Route } from 'playwright-core';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';

const problem = {
  type: 'urn:roundhouse:problem:unavailable',
  title: 'The service cannot answer right now; try again later',
  status: 503,
  code: 'unavailable',
  detail: 'The database does not answer; nothing was stored',
};

/** What the page's requests are answered: nothing yet, or that it does not work. */
const states: Record<string, (route: Route) => Promise<void> | undefined> = {
  loading: () => undefined,
  error: (route) =>
    route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
};

const show = async (page: Page, path: string, state: string): Promise<void> => {
  await page.route(/\/v1\/(?!session|console\/events)/, (route) => states[state]?.(route));
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (state === 'error') await page.getByRole('alert').first().waitFor();
};

describeInBrowser('every page while it loads and when it fails', () => {
  let rig: ConsoleTest;
  beforeAll(async () => {
    rig = await ConsoleTest.start({ workers: 0 });
  }, 120_000);
  afterAll(() => rig?.stop(), 60_000);

  it.each(['light', 'dark'] as const)(
    'is accessible, says what to do, and fits 375 px, %s',
    async (colorScheme) => {
      const first = await rig.open('/now', { colorScheme, viewport: { width: 375, height: 700 } });
      const links = first.page.locator('nav[aria-label="Console"] a');
      await links.first().waitFor({ state: 'attached' });
      const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') as string));
      expect(paths.length).toBeGreaterThan(5);
      for (const state of Object.keys(states)) {
        for (const path of paths) {
          const page = await first.context.newPage();
          await show(page, path, state);
          expect([state, path, await accessibilityFaults(page)]).toEqual([state, path, []]);
          expect([state, path, await scrollsSideways(page)]).toEqual([state, path, false]);
          await page.close();
        }
      }
      await first.context.close();
    },
    600_000,
  );
});
