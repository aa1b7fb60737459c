import { LocalFileStorage } from '@roundhouse/storage';
import { waitFor } from '@roundhouse/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Client } from '../platform/client.js';
import { fastest } from '../platform/fastest.js';
import type { Platform } from '../platform/platform.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest, type ConsoleWindow, type WindowOptions } from './console.js';

let test: ConsoleTest;
let platform: Platform;
let operator: Client;
const opened: ConsoleWindow[] = [];

async function linkTo(jobId: string, body: object = {}): Promise<{ id: string; url: string }> {
  const answer = await operator.send(`/v1/jobs/${jobId}/status-links`, { method: 'POST', body });
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  return answer.body;
}

async function show(url: string, options: WindowOptions = {}): Promise<ConsoleWindow> {
  const window = await test.open(url, { scopes: false, ...options });
  opened.push(window);
  return window;
}

const stage = (page: Page) => page.locator('#stage');
const becomes = (page: Page, text: string) =>
  stage(page)
    .and(page.getByText(text, { exact: true }))
    .waitFor();
const percentOf = async (page: Page): Promise<number> =>
  Number.parseInt((await page.locator('#percent').textContent()) || '-1', 10);

async function percentAbove(page: Page, least: number): Promise<number> {
  // Asked from here: the page's policy lets no text be run in it.
  return waitFor(
    async () => {
      const percent = await percentOf(page);
      return percent > least ? percent : undefined;
    },
    { intervalMs: 20, describe: `more than ${least} %` },
  );
}

describeInBrowser('the status page', () => {
  beforeAll(async () => {
    test = await ConsoleTest.start();
    ({ platform } = test);
    ({ operator } = platform);
  });
  afterEach(async () => {
    for (const { context } of opened.splice(0)) await context.close();
  });
  afterAll(() => test?.stop());

  it('shows a job from waiting to its download without being loaded again', async () => {
    await new LocalFileStorage(platform.storageFolder).put('browser/file', Buffer.from('the content'));
    const paused = { scope: 'queue', value: 'probes', reason: 'test' };
    const admin = await platform.clientOf('operator', 'admin');
    await admin.send('/v1/pauses', { method: 'POST', body: paused });
    const id = await operator.submit('platform.probe_file', { text: 'report', file: 'browser/file' });
    const { page, faults } = await show((await linkTo(id)).url);
    let loads = 0;
    page.on('load', () => (loads += 1));
    await becomes(page, 'Paused for the moment');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Probe with a file');
    await admin.send('/v1/pauses/queue/probes', { method: 'DELETE' });
    await becomes(page, 'Done');
    await page.locator('#message', { hasText: /^report is ready$/ }).waitFor();
    await page.locator('#estimate', { hasText: /^Took \d+ seconds?$/ }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'The file of the probe' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('report.txt');
    expect(await readFile(await download.path(), 'utf8')).toBe('the content');
    expect(loads).toBe(0);
    await faults.expectNone();
  });

  it('shows progress within two seconds, with an estimate that is a range', async () => {
    const id = await operator.probe({ work: '40s', steps: 200 });
    const { page, faults } = await show((await linkTo(id)).url);
    const first = await percentAbove(page, 0);
    await percentAbove(page, first);
    // What the ledger says at one moment is on the page within two seconds.
    const late = await fastest(2_000, async () => {
      const { progress } = await operator.job(id);
      const asked = Date.now();
      await percentAbove(page, Math.round(progress!.percent) - 1);
      return Date.now() - asked;
    });
    expect(late).toBeLessThan(2_000);
    expect(await page.locator('#message').textContent()).toMatch(/^step \d+ of 200$/);
    await page.locator('#estimate', { hasText: /^Ready in about \d+(–\d+)? seconds?$/ }).waitFor();
    const bar = page.locator('progress');
    await waitFor(async () => (await bar.getAttribute('value')) === String(await percentOf(page)), {
      describe: 'the bar to say the same',
    });
    expect(await page.title()).toMatch(/^\d+ % – Probe$/);
    await operator.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await becomes(page, 'Cancelled');
    await faults.expectNone();
  });

  it('left and reopened, and gone back to, it shows what is true then', async () => {
    const id = await operator.probe({ work: '12s', steps: 60 });
    const { url } = await linkTo(id);
    const { page, faults } = await show(url);
    const left = await percentAbove(page, 0);
    await page.goto('about:blank');
    await operator.finished(id);
    await page.goBack();
    await becomes(page, 'Done');
    // "step 60 of 60" is no news any more.
    await page.locator('#message').waitFor({ state: 'hidden' });
    expect(await percentOf(page)).toBeGreaterThan(left);
    await faults.expectNone();
    await page.close();
    const again = await show(url);
    await becomes(again.page, 'Done');
    await again.faults.expectNone();
  });

  it('keeps up by asking where the stream does not get through', async () => {
    const id = await operator.probe({ work: '30s', steps: 100 });
    const { page, faults } = await show('about:blank');
    faults.accept(/ERR_FAILED|events/);
    await page.route('**/events', (route) => route.abort());
    await page.goto((await linkTo(id)).url);
    const first = await percentAbove(page, 0);
    await percentAbove(page, first + 20);
    await becomes(page, 'Done');
    await faults.expectNone();
  });

  it('says when it has lost the gateway, and catches up when that is back', async () => {
    const id = await operator.probe({ work: '12s', steps: 120 });
    const { page, faults } = await show((await linkTo(id)).url);
    faults.accept(/ERR_|Failed to load/);
    await percentAbove(page, 0);
    const port = new URL(page.url()).port;
    await platform.service('gateway').kill();
    await page.getByText('No connection; trying again').waitFor();
    await platform.launch('gateway', { ROUNDHOUSE_HTTP_PORT: port });
    await page.getByText('No connection; trying again').waitFor({ state: 'hidden' });
    await becomes(page, 'Done');
    await faults.expectNone();
  });

  it('cancels, by keyboard, where the link allows it', async () => {
    const id = await operator.probe({ work: '50s', steps: 50 });
    const plain = await show((await linkTo(id)).url);
    await becomes(plain.page, 'Working');
    expect(await plain.page.getByRole('button').count()).toBe(0);
    const { page, faults } = await show((await linkTo(id, { may_cancel: true })).url);
    await becomes(page, 'Working');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel');
    await page.keyboard.press('Enter');
    await becomes(page, 'Cancelled');
    await becomes(plain.page, 'Cancelled');
    await faults.expectNone();
  });

  it('tells a page that is open that its link was taken back', async () => {
    const id = await operator.probe({ work: '30s', steps: 2 });
    const link = await linkTo(id);
    const { page } = await show(link.url);
    await becomes(page, 'Working');
    await operator.send(`/v1/jobs/${id}/status-links/${link.id}`, { method: 'DELETE' });
    await page.getByText('This link was taken back').waitFor();
    await operator.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  });

  it('holds no connection while nobody looks at it', async () => {
    const id = await operator.probe({ work: '30s', steps: 3 });
    const { page } = await show((await linkTo(id)).url);
    await becomes(page, 'Working');
    const streams = async () => {
      const text = await platform.metricsOf('gateway');
      return Number(/^roundhouse_sse_subscribers\{.*type="status".*\} (\d+)$/m.exec(text)?.[1]);
    };
    await waitFor(async () => (await streams()) > 0, { describe: 'the stream of the page' });
    await page.evaluate(
      `Object.defineProperty(document, 'hidden', { value: true }); document.dispatchEvent(new Event('visibilitychange'))`,
    );
    await waitFor(async () => (await streams()) === 0, { describe: 'the stream to be closed' });
    await operator.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  });

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    const states: [string, () => Promise<string>][] = [
      ['running', () => operator.probe({ work: '30s', steps: 10 })],
      ['done with a download', () => operator.submit('platform.probe_file', { text: 'report', file: 'browser/file' })],
      ['failed', () => operator.probe({ failures: 9, failure_code: 'ERROR_CODE_INVALID_INPUT' })],
      ['scheduled', () => operator.submit('platform.noop', { text: 'x' }, { body: { delay_seconds: 3600 } })],
    ];
    it.each(states)('%s: no violation of WCAG AA, nothing to scroll sideways at 375 px', async (name, submit) => {
      const id = await submit();
      await operator.until(id, ({ state }) => state !== 'queued');
      const { page, faults } = await show((await linkTo(id, { may_cancel: true })).url, {
        colorScheme,
        viewport: { width: 375, height: 700 },
      });
      await page.locator('#updated').waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
      // 200 % zoom of a window of 640 px.
      await page.setViewportSize({ width: 320, height: 512 });
      expect(await scrollsSideways(page)).toBe(false);
      const folder = process.env.ROUNDHOUSE_SCREENSHOTS;
      if (folder)
        await page.screenshot({ path: join(folder, `status-${name.replaceAll(' ', '-')}-${colorScheme}.png`) });
      await faults.expectNone();
      await operator.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    });

    it('a link that does not work', async () => {
      const { page } = await show(`${platform.service('gateway').url}/status/nothing`, { colorScheme });
      await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
    });
  });

  it('can be read without scripts', async () => {
    const id = await operator.probe({ failures: 9, failure_code: 'ERROR_CODE_INVALID_INPUT' });
    await operator.finished(id);
    const { page } = await show((await linkTo(id)).url, { javaScriptEnabled: false });
    expect(await stage(page).textContent()).toBe('Failed');
    expect(await page.getByRole('alert').textContent()).toContain('Told to fail');
  });
});
