import { ApiKeys } from '@roundhouse/ledger';
import { waitFor } from '@roundhouse/testing';
import { TlsProxy } from '../platform/tls-proxy.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';

describeInBrowser('the console', () => {
  let rig: ConsoleTest;
  beforeAll(async () => {
    rig = await ConsoleTest.start({ workers: 0 });
  });
  afterAll(() => rig?.stop());

  it('is entered with an API key, and left again', async () => {
    const { page, faults, context } = await rig.open('/jobs', { scopes: false });
    faults.accept(/401/);
    await page.getByLabel('API key').fill('rh_0123456789abcdef.nonsense');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('The API key is unknown').waitFor();
    await page.getByLabel('API key').fill(rig.platform.acme.key as string);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/jobs');
    await page.getByText('live', { exact: true }).waitFor();
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', name: 'roundhouse_session' });
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain('rh_');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await context.cookies()).toEqual([]);
    await faults.expectNone();
    await context.close();
  });

  it('works behind a proxy that ends TLS: the cookie stays in encrypted connections, the stream comes through', async () => {
    const proxy = await TlsProxy.start(rig.url);
    const context = await rig.browser.newContext({ baseURL: proxy.url, ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto('/jobs');
    await page.getByLabel('API key').fill(rig.platform.acme.key as string);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    expect(await context.cookies()).toMatchObject([{ name: 'roundhouse_session', secure: true, sameSite: 'Strict' }]);
    await page.reload();
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await context.cookies()).toEqual([]);
    await context.close();
    await proxy.stop();
  });

  it('changes nothing without the token of the session, and ends with the key', async () => {
    const { context } = await rig.open();
    const body = { kind: 'platform.noop', payload: { text: 'x' } };
    const bare = await context.request.post('/v1/jobs', { data: body });
    expect([bare.status(), ((await bare.json()) as { code: string }).code]).toEqual([403, 'forbidden']);
    const session = (await (await context.request.get('/v1/session')).json()) as { csrf_token: string; key_id: string };
    const headers = { 'x-csrf-token': session.csrf_token };
    expect((await context.request.post('/v1/jobs', { data: body, headers })).status()).toBe(202);
    await new ApiKeys(rig.platform.ledger).revoke(session.key_id);
    const over = async () => (await context.request.get('/v1/session')).status() === 401;
    await waitFor(over, { intervalMs: 200, describe: 'the session to end with its key' });
    await context.close();
  });

  it('says that a page did not come without the network, and shows it when that is back', async () => {
    const { page, context } = await rig.open('/jobs');
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await context.setOffline(true);
    await page.getByRole('link', { name: 'Schedules' }).click();
    await page.getByRole('alert').getByText('Its files did not come').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByText('No schedules').waitFor();
    await context.close();
  });

  it.each(['light', 'dark'] as const)('is accessible and fits 375 px, %s', async (colorScheme) => {
    for (const scopes of [false, ['admin']] as const) {
      const { page, context } = await rig.open('/jobs', {
        scopes,
        colorScheme,
        viewport: { width: 375, height: 700 },
      });
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
      await context.close();
    }
  });
});
