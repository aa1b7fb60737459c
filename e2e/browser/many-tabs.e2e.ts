import { waitFor } from '@roundhouse/testing';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';
import { fastest } from '../platform/fastest.js';

const dist = fileURLToPath(new URL('../../apps/console/dist', import.meta.url));

interface Chunk {
  file: string;
  imports?: string[];
  isEntry?: boolean;
}

describeInBrowser('the connection of the console', () => {
  let rig: ConsoleTest;
  beforeAll(async () => {
    rig = await ConsoleTest.start();
  });
  afterAll(() => rig?.stop());

  it('is one for all tabs: with eight of them open over HTTP/1.1 a ninth is there within two seconds', async () => {
    const { page, context } = await rig.open('/jobs');
    await page.getByText('live', { exact: true }).waitFor();
    for (let n = 1; n < 8; n += 1) {
      const tab = await context.newPage();
      await tab.goto('/jobs');
      await tab.getByText('live', { exact: true }).waitFor();
    }
    const ms = await fastest(2_000, async () => {
      const ninth = await context.newPage();
      const since = Date.now();
      await ninth.goto('/jobs');
      await ninth.getByText('There are no jobs yet').waitFor();
      return Date.now() - since;
    });
    expect(ms).toBeLessThan(2_000);
    const id = await rig.platform.acme.submit('platform.noop', {});
    for (const tab of context.pages()) await tab.getByRole('button', { name: '1 new job: show' }).waitFor();
    const subscribers = async () => {
      const text = await rig.platform.metricsOf('gateway');
      return /sse_subscribers\{[^}]*type="console"[^}]*\} (\d+)/.exec(text)?.[1];
    };
    await waitFor(async () => (await subscribers()) === '1', { describe: 'one connection for all tabs' });
    await rig.platform.acme.finished(id);
    await context.close();
  });

  it('says when it is lost, comes back by itself and catches up with what happened meanwhile', async () => {
    const { acme } = rig.platform;
    const id = await acme.probe({ work: '300s', steps: 2 });
    await acme.running(id);
    const { page, faults, context } = await rig.open('/jobs');
    faults.accept(/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|Failed to load resource|net::/);
    const row = page.locator(`[data-key="${id}"]`);
    await row.getByText('running').waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    const { timeOrigin, port } = await page.evaluate(() => ({
      timeOrigin: performance.timeOrigin,
      port: location.port,
    }));
    await rig.platform.service('gateway').kill('SIGKILL');
    await page.getByText('reconnecting').waitFor();
    // What it has missed, as if another gateway had done it.
    await rig.platform.ledger.query(
      `update ledger.jobs set state = 'cancelled', finished_at = now(), due_at = null, lease_until = null where id = $1`,
      [id],
    );
    await rig.platform.launch('gateway', { ROUNDHOUSE_HTTP_PORT: port });
    const since = Date.now();
    await page.getByText('live', { exact: true }).waitFor();
    await row.getByText('cancelled', { exact: true }).waitFor();
    expect(Date.now() - since).toBeLessThan(20_000);
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(timeOrigin);
    await faults.expectNone();
    await context.close();
  });

  it('loads nothing from others, and nothing inline: what the policy forbids is refused on every page', async () => {
    const { page, faults, context } = await rig.open('/now');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const paths = await page
      .getByRole('navigation', { name: 'Console' })
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') as string));
    expect(paths.length).toBeGreaterThan(5);
    for (const path of paths) {
      const answer = await page.goto(path);
      const policy = answer?.headers()['content-security-policy'] ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      await page.getByRole('heading', { level: 1 }).waitFor();
    }
    faults.accept(/Failed to load resource/); // a workload whose worker is not part of this platform
    await faults.expectNone();
    const inline = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.name = "inline script ran"';
      document.body.append(script);
      return window.name;
    });
    expect(inline).toBe('');
    await context.close();
  });

  it('fits a page that is zoomed to 200 %', async () => {
    // Zooming halves the space in CSS pixels.
    const { page, context } = await rig.open('/now', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
    for (const path of ['/now', '/jobs']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const loaded = path === '/now' ? 'Every five seconds' : /Accepted|There are no jobs/;
      await page.getByRole('main').getByText(loaded).first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    }
    await context.close();
  });
});

describe('the size of the console', () => {
  it('is at most 200 kB of JavaScript, compressed, before the first page shows', () => {
    const manifest = JSON.parse(readFileSync(`${dist}/.vite/manifest.json`, 'utf8')) as Record<string, Chunk>;
    const entry = Object.entries(manifest).find(([, chunk]) => chunk.isEntry) as [string, Chunk];
    const page = Object.entries(manifest).find(([name]) => name.endsWith('pages/now/now-page.tsx')) as [string, Chunk];
    const files = new Set<string>();
    const take = (name: string): void => {
      const chunk = manifest[name] as Chunk;
      if (files.has(chunk.file)) return;
      files.add(chunk.file);
      for (const imported of chunk.imports ?? []) take(imported);
    };
    take(entry[0]);
    take(page[0]);
    const bytes = [...files].reduce((sum, file) => {
      expect(existsSync(`${dist}/${file}.gz`)).toBe(true);
      return sum + statSync(`${dist}/${file}.gz`).size;
    }, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(200_000);
  });
});
