import type { Page, Route } from 'playwright-core';
import { accessibilityFaults, colourFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';

const problem = {
  type: 'urn:roundhouse:problem:unavailable',
  title: 'The service cannot answer right now; try again later',
  status: 503,
  code: 'unavailable',
  detail: 'The database does not answer; nothing was stored',
};

interface PageState {
  /** What becomes of the page's requests. */
  answer: (route: Route) => Promise<void> | undefined;
  /** Until it has come to that state. */
  reached: (page: Page, path: string) => Promise<void>;
}

const headed = (page: Page) => page.getByRole('heading', { level: 1 }).waitFor();

/** What these show where nothing has happened is not nothing. */
const neverEmpty = ['/now', '/queues', '/workers'];

const states: Record<string, PageState> = {
  loading: { answer: () => undefined, reached: headed },
  error: {
    answer: (route) =>
      route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    reached: (page) => page.getByRole('alert').first().waitFor(),
  },
  empty: {
    answer: (route) => route.continue(),
    reached: async (page, path) => {
      await headed(page);
      const main = page.getByRole('main');
      await main.getByText(/^Loading.*…$/).waitFor({ state: 'detached' });
      if (neverEmpty.includes(path)) await main.getByRole('table').first().waitFor();
      else
        await main
          .getByText(/^(there (are|is) no|no|nobody|nothing)\b/i)
          .first()
          .waitFor();
      expect([path, await page.getByRole('alert').count()]).toEqual([path, 0]);
    },
  },
};

/** Windows side by side: a page that fails has tried three times, seconds apart. */
const windows = 5;

describeInBrowser('every page while it loads, when it fails and when there is nothing', () => {
  let rig: ConsoleTest;
  let paths: string[];

  beforeAll(async () => {
    rig = await ConsoleTest.start({ workers: 0, importers: 1 });
    const { page, context } = await rig.open('/now');
    const links = page.locator('nav[aria-label="Console"] a');
    await links.first().waitFor({ state: 'attached' });
    paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') as string));
    await context.close();
  }, 120_000);
  afterAll(() => rig?.stop(), 60_000);

  async function check(some: readonly string[], state: string): Promise<void> {
    const { answer, reached } = states[state]!;
    const { page, context } = await rig.open('/now', { viewport: { width: 375, height: 700 } });
    // Without it the stream of events is the page's own and answered like the rest; figures that come by it would end an error.
    await page.addInitScript('delete globalThis.SharedWorker');
    await page.route(/\/v1\/(?!session)/, answer);
    for (const path of some) {
      await page.goto(path);
      await reached(page, path).catch((cause: unknown) => {
        throw new Error(`${path} does not come to the state "${state}"`, { cause });
      });
      expect([path, await accessibilityFaults(page)]).toEqual([path, []]);
      expect([path, await scrollsSideways(page)]).toEqual([path, false]);
      // The scheme is in media queries of the styles alone: colours change, and nothing else.
      await page.emulateMedia({ colorScheme: 'dark' });
      expect([path, 'dark', await colourFaults(page)]).toEqual([path, 'dark', []]);
      await page.emulateMedia({ colorScheme: 'light' });
    }
    await context.close();
  }

  it.each(Object.keys(states))(
    'is accessible, light and dark, says what to do, and fits 375 px: %s',
    async (state) => {
      expect(paths.length).toBeGreaterThan(5);
      const lanes = Array.from({ length: windows }, (_, lane) => paths.filter((_path, i) => i % windows === lane));
      await Promise.all(lanes.map((lane) => check(lane, state)));
    },
    300_000,
  );
});
