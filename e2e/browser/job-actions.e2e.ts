import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { waitFor } from '@roundhouse/testing';
import type { Page } from 'playwright-core';
import type { Client } from '../platform/client.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';
import { picture } from './screens.js';

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
/** As somebody pastes it into a terminal. */
const inShell = (command: string, key: string) =>
  promisify(execFile)('sh', ['-c', command], { env: { ...process.env, ROUNDHOUSE_API_KEY: key } });
const dialog = (page: Page) => page.getByRole('dialog');
const buttons = (page: Page) => page.locator('h1 + div button').allTextContents();

describeInBrowser('actions on a job', () => {
  let rig: ConsoleTest;
  let acme: Client;
  beforeAll(async () => {
    rig = await ConsoleTest.start();
    ({ acme } = rig.platform);
  });
  afterAll(() => rig?.stop());

  const later = () => acme.submit('platform.noop', {}, { body: { delay_seconds: 7_200 } });

  it('a link is made with its expiry, copied, opened without logging in, listed and taken back', async () => {
    const id = await acme.probe({ work: '60s', steps: 10 });
    await acme.running(id);
    const { page, faults, context } = await rig.open(`/jobs/${id}`, {
      scopes: ['jobs:view', 'jobs:write', 'jobs:cancel'],
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await button(page, 'Share').click();
    await dialog(page).getByText('None.').waitFor();
    await dialog(page).getByLabel('The link holds for').selectOption('One week');
    await dialog(page).getByLabel('Whoever has it may cancel the job').check();
    await button(page, 'Make a link').click();
    const made = dialog(page).getByRole('group', { name: 'The new link' });
    const url = (await made.getByRole('link').getAttribute('href')) as string;
    await picture(page, 'job-share');
    await button(page, 'Copy the link').click();
    await made.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(url);
    const { links } = (await acme.send(`/v1/jobs/${id}/status-links`)).body;
    expect(links).toMatchObject([{ may_cancel: true, revoked_at: null }]);
    const days = (Date.parse(links[0].expires_at) - Date.parse(links[0].created_at)) / 86_400_000;
    expect(days).toBeCloseTo(7, 2);
    const guest = await rig.open(url, { scopes: false });
    await guest.page.getByRole('button', { name: 'Cancel' }).waitFor();

    await dialog(page).getByText('may cancel', { exact: false }).last().waitFor();
    await button(page, /^Take back/).click();
    await dialog(page).getByText('None.').waitFor();
    await page.getByRole('log').getByText('The link is taken back').waitFor({ state: 'attached' });
    await guest.page.getByText('This link was taken back').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await faults.expectNone();
    await guest.context.close();
    await context.close();
    await acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  });

  it('a link can do no more than the key of whoever makes it', async () => {
    const id = await later();
    const writer = await rig.platform.clientWith('jobs:write');
    const post = (body: object) => writer.send(`/v1/jobs/${id}/status-links`, { method: 'POST', body });
    expect(await post({ may_cancel: true })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await post({})).toMatchObject({ status: 201 });
    const { page, context } = await rig.open(`/jobs/${id}`, { scopes: ['jobs:view', 'jobs:write'] });
    await button(page, 'Share').click();
    await dialog(page).getByText('Links that work').waitFor();
    expect(await dialog(page).getByRole('checkbox').count()).toBe(0);
    await context.close();
  });

  it('a time is set in the zone in which times are shown', async () => {
    const id = await later();
    const { page, faults, context } = await rig.open(`/jobs/${id}`, { timezoneId: 'Europe/Berlin' });
    await button(page, 'Display').click();
    await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
    await button(page, 'Close').click();
    await button(page, 'Reschedule').click();
    const time = dialog(page).getByLabel('Not before (Asia/Tokyo)');
    const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    await time.fill(`${day}T09:30`);
    await dialog(page)
      .getByText(/09:30:00 GMT\+9, in \d d/)
      .waitFor();
    await picture(page, 'job-reschedule');
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog(page).getByRole('button', { name: 'Reschedule' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    const { body } = await acme.send(`/v1/jobs/${id}`);
    expect(body).toMatchObject({ state: 'scheduled', run_at: `${day}T00:30:00.000Z` });
    await page
      .getByText(/09:30:00 GMT\+9/)
      .first()
      .waitFor();
    // The way back: at once.
    await button(page, 'Run now').click();
    await dialog(page).getByText('Doing this twice changes nothing').waitFor();
    await dialog(page).getByRole('button', { name: 'Run now' }).click();
    await acme.finished(id);
    await faults.expectNone();
    await context.close();
  });

  it('a time that clocks skip is not taken', async () => {
    const id = await later();
    const { page, context } = await rig.open(`/jobs/${id}`, { timezoneId: 'Europe/Berlin' });
    await button(page, 'Reschedule').click();
    await dialog(page).getByLabel('Not before (Europe/Berlin)').fill('2027-03-28T02:30');
    await dialog(page).getByText('Clocks skip this time').waitFor();
    expect(await dialog(page).getByRole('button', { name: 'Reschedule' }).isDisabled()).toBe(true);
    await context.close();
  });

  it('commands can be copied, each with whether it may be repeated', async () => {
    const id = await later();
    const { page, faults, context } = await rig.open(`/jobs/${id}`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await button(page, 'Copy as …').click();
    const cancel = dialog(page).getByRole('region', { name: 'Cancel' });
    await cancel.getByText('Safe to repeat').waitFor();
    await cancel.getByRole('button', { name: /^Copy curl/ }).click();
    await cancel.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `curl --fail-with-body -X POST -H "Authorization: Bearer $ROUNDHOUSE_API_KEY" ${rig.url}/v1/jobs/${id}/cancel`,
    );
    await picture(page, 'job-commands');
    const copied = async (name: string) => {
      await page.evaluate(`navigator.clipboard.writeText('')`);
      await dialog(page)
        .getByRole('region', { name })
        .getByRole('button', { name: /^Copy CLI/ })
        .click();
      return (await waitFor(() => page.evaluate('navigator.clipboard.readText()'), { describe: name })) as string;
    };
    const { key = '' } = acme;
    // All before any is run: what does not fit the job's new state any more leaves the dialog.
    const why = await copied('Say why it is in its state');
    const toCancel = await copied('Cancel');
    const toRun = await copied('Run now');
    expect((await inShell(why, key)).stdout).toMatch(/^scheduled: .*It starts/);
    expect((await inShell(toCancel, key)).stdout).toMatch(/^state +cancelled$/m);
    await expect(inShell(toRun, key)).rejects.toThrow(/409: conflict; .*it is cancelled/);
    expect(await accessibilityFaults(page)).toEqual([]);
    await faults.expectNone();
    await context.close();
  });

  it('without a clipboard says that it cannot be copied', async () => {
    const id = await later();
    const { page, context } = await rig.open('/jobs');
    await page.addInitScript(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`);
    await page.goto(`/jobs/${id}`);
    await button(page, 'Copy as …').click();
    await button(page, 'Copy curl Show it').click();
    await dialog(page).getByText('Not allowed').waitFor();
    await context.close();
  });

  it('are offered as far as the key goes', async () => {
    const id = await later();
    const offered = async (...scopes: Parameters<typeof rig.platform.clientWith>) => {
      const { page, context } = await rig.open(`/jobs/${id}`, { scopes });
      await page.getByText('Payload and result').waitFor();
      const names = await buttons(page);
      await context.close();
      return names;
    };
    expect(await offered('jobs:view')).toEqual(['Copy as …']);
    expect(await offered('jobs:view', 'jobs:write')).toEqual(['Run now', 'Reschedule', 'Share', 'Copy as …']);
    expect(await offered('admin')).toEqual(['Run now', 'Cancel', 'Reschedule', 'Share', 'Copy as …']);
    const viewer = await rig.platform.clientWith('jobs:view');
    const refused = async (path: string, method = 'POST') => (await viewer.send(path, { method, body: {} })).status;
    for (const path of ['cancel', 'run-now', 'reschedule', 'redrive', 'status-links'])
      expect([path, await refused(`/v1/jobs/${id}/${path}`)]).toEqual([path, 403]);
    const links = `/v1/jobs/${id}/status-links`;
    expect((await viewer.send(links)).body).toEqual({ links: [] });
    expect(await refused(`${links}/${id}`, 'DELETE')).toBe(403);
  });

  it('have dialogs that fit 375 px and 200 % zoom', async () => {
    const id = await later();
    for (const width of [375, 320]) {
      const { page, context } = await rig.open(`/jobs/${id}`, { viewport: { width, height: 700 } });
      for (const name of ['Reschedule', 'Share', 'Copy as …']) {
        await button(page, name).click();
        await dialog(page).waitFor();
        if (name === 'Share') await button(page, 'Make a link').click();
        if (name === 'Share') await dialog(page).getByRole('group', { name: 'The new link' }).waitFor();
        await picture(page, `job-dialog-${width}-${name.slice(0, 5)}`);
        expect([name, await scrollsSideways(page)]).toEqual([name, false]);
        await page.keyboard.press('Escape');
        await dialog(page).waitFor({ state: 'detached' });
      }
      await context.close();
    }
  });
});
