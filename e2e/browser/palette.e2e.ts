import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import type { Client } from '../platform/client.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';
import { picture } from './screens.js';

const field = (page: Page) => page.getByRole('combobox', { name: 'Page, saved view, id or search' });
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });
const searchBar = (page: Page) => page.getByLabel('Search jobs');

async function open(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Go to/ }).waitFor();
  await page.keyboard.press('Control+k');
  await field(page).waitFor();
}

describeInBrowser('the palette', () => {
  let rig: ConsoleTest;
  let acme: Client;
  beforeAll(async () => {
    rig = await ConsoleTest.start();
    ({ acme } = rig.platform);
  });
  afterAll(() => rig?.stop());

  it('leads to pages by keyboard alone, also out of a field, and gives the focus back', async () => {
    const { page, faults, context } = await rig.open('/jobs');
    await heading(page, 'Jobs').waitFor();
    await searchBar(page).focus();
    await open(page);
    await page.keyboard.press('Escape');
    await field(page).waitFor({ state: 'detached' });
    expect(await searchBar(page).evaluate((input) => input === document.activeElement)).toBe(true);
    await open(page);
    await page.keyboard.type('sched');
    await page.keyboard.press('Enter');
    await heading(page, 'Schedules').waitFor();
    await page.getByRole('button', { name: /^Go to/ }).click();
    const options = page.getByRole('option');
    await options.first().waitFor();
    const chosen = () => page.locator('[role=option][aria-selected=true]').textContent();
    const first = await chosen();
    await page.keyboard.press('ArrowUp');
    expect(await chosen()).toBe(await options.last().textContent());
    await page.keyboard.press('ArrowDown');
    expect(await chosen()).toBe(first);
    await faults.expectNone();
    await context.close();
  });

  it('leads to whatever has the id that is pasted, and says when nothing has', async () => {
    const dead = await acme.probe({ failures: 99, failure_code: 'ERROR_CODE_INVALID_INPUT' });
    await acme.finished(dead);
    const { fingerprint } = (await acme.send(`/v1/jobs/${dead}`)).body as { fingerprint: string };
    const jobs = [{ kind: 'platform.noop', payload: {} }];
    const batch = (await acme.send('/v1/batches', { method: 'POST', body: { name: 'a batch', jobs } })).body as {
      id: string;
    };
    const admin = await rig.platform.clientWith('admin');
    const made = async (path: string, body: object) => {
      const answer = await admin.send(path, { method: 'POST', body });
      if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`);
      return answer.body as { id: string };
    };
    const meshes = await made('/v1/mesh-batches', { name: 'logos' });
    const account = await made('/v1/connections', {
      user_id: 'ada',
      broker: 'alpaca',
      name: 'paper',
      credentials: { key_id: 'k', secret: 's' },
    });
    const { page, faults, context } = await rig.open('/now', { scopes: ['jobs:view', 'jobs:read'] });
    for (const [id, option, path] of [
      [meshes.id, 'Mesh batch logos', `/mesh-batches/${meshes.id}`],
      [account.id, 'Account paper', '/trading/accounts?user=ada'],
      [dead, 'Job platform.probe', `/jobs/${dead}`],
      [` ${batch.id.toUpperCase()} `, 'Batch a batch', `/batches/${batch.id}`],
      [fingerprint, 'Failure platform.probe', `/failures/${fingerprint}`],
    ] as const) {
      await open(page);
      await field(page).fill(id);
      await page.getByRole('option').filter({ hasText: option }).waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${path}`);
    }
    await open(page);
    await field(page).fill(randomUUID());
    await page.getByText('Nothing of this tenant has this id').waitFor();
    await faults.expectNone();
    await context.close();
    const viewer = await rig.platform.clientWith('jobs:view');
    expect((await viewer.send(`/v1/console/find?id=${account.id}`)).body).toEqual({ found: [] });
    const globex = await rig.platform.clientOf('globex', 'jobs:view', 'jobs:read');
    expect((await globex.send(`/v1/console/find?id=${meshes.id}`)).body).toEqual({ found: [] });
    expect((await globex.send(`/v1/console/find?id=${dead}`)).body).toEqual({ found: [] });
    expect((await globex.send(`/v1/console/find?id=${fingerprint}`)).body).toEqual({ found: [] });
    expect((await globex.send('/v1/console/find?id=x')).status).toBe(400);
  });

  it('runs saved views, which stay with the person and the tenant', async () => {
    const id = await acme.submit('platform.noop', {});
    await acme.finished(id);
    const { page, faults, context } = await rig.open('/jobs');
    await searchBar(page).fill('kind:platform.noop state:succeeded');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Save as a view' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Proofs');
    await picture(page, 'view-save');
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const chip = page.getByRole('button', { name: 'Proofs', exact: true });
    await page.getByRole('button', { name: 'Proofs', exact: true, pressed: true }).waitFor();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await page.reload();
    await heading(page, 'Overview').waitFor();
    await open(page);
    await page.keyboard.type('proof');
    await picture(page, 'palette');
    await page.keyboard.press('Enter');
    await page.locator(`[data-key="${id}"]`).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('kind:platform.noop state:succeeded');
    await page.getByRole('button', { name: 'Forget this view' }).click();
    await chip.waitFor({ state: 'detached' });
    await page.getByRole('log').getByText('The view Proofs is forgotten').waitFor({ state: 'attached' });
    await faults.expectNone();
    await context.close();
  });

  it('searches jobs for what is no place', async () => {
    const { page, context } = await rig.open('/now');
    await heading(page, 'Overview').waitFor();
    await open(page);
    await page.keyboard.type('state:dead error:nothing');
    await page.keyboard.press('Enter');
    await page.getByText('No job is like that').waitFor();
    expect(await searchBar(page).inputValue()).toBe('state:dead error:nothing');
    await context.close();
  });

  it('every key of the sheet leads to one place', async () => {
    const { page, context } = await rig.open('/now');
    await heading(page, 'Overview').waitFor();
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog');
    await sheet.getByText('Everywhere').waitFor();
    await picture(page, 'shortcuts');
    expect(await accessibilityFaults(page)).toEqual([]);
    const keys = await sheet.locator('dt').allTextContents();
    expect(keys.length).toBeGreaterThan(15);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('j');
    await heading(page, 'Jobs').waitFor();
    await context.close();
  });

  it.each(['light', 'dark'] as const)('is accessible and fits 375 px and 200 % zoom, %s', async (colorScheme) => {
    for (const width of [375, 320]) {
      const { page, context } = await rig.open('/jobs', { colorScheme, viewport: { width, height: 600 } });
      await page.getByRole('button', { name: /^Go to/ }).click();
      await page.getByRole('option').first().waitFor();
      for (const text of ['', 'imports', randomUUID()]) {
        await field(page).fill(text);
        expect([text, await accessibilityFaults(page)]).toEqual([text, []]);
        expect(await scrollsSideways(page)).toBe(false);
      }
      await field(page).fill('im');
      await picture(page, `palette-${width}-${colorScheme}`);
      await context.close();
    }
  });
});
