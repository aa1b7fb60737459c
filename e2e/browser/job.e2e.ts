import { waitFor } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import type { Client } from '../platform/client.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';
import { picture } from './screens.js';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describeInBrowser('the page of a job', () => {
  let rig: ConsoleTest;
  let acme: Client;
  let admin: Client;
  beforeAll(async () => {
    rig = await ConsoleTest.start();
    ({ acme } = rig.platform);
    admin = await rig.platform.clientWith('admin');
  });
  afterAll(() => rig?.stop());

  it('shows payload and result only when they are revealed, which is written down, and forgets them on leaving', async () => {
    const canary = `canary-${randomUUID()}`;
    const id = await acme.probe({ text: canary });
    await acme.finished(id);
    const { page, faults, context } = await rig.open('/jobs');
    const bodies: Promise<string>[] = [];
    page.on('response', (response) => {
      const isStream = response.headers()['content-type']?.includes('event-stream');
      if (!isStream) bodies.push(response.text().catch(() => ''));
    });
    const stream = await acme.follow('/v1/console/events');
    const other = await acme.probe({ text: canary });
    await acme.finished(other);
    await page.locator(`[data-key="${id}"] a`).click();
    await page.getByText('It succeeded').waitFor();
    const seen = async () => {
      const [html, stored] = await page.evaluate(() => [
        document.documentElement.outerHTML,
        JSON.stringify({ ...localStorage, ...sessionStorage }),
      ]);
      return { html: html?.includes(canary), stored: stored?.includes(canary) };
    };
    expect(await seen()).toEqual({ html: false, stored: false });
    expect((await Promise.all(bodies)).filter((body) => body.includes(canary))).toEqual([]);
    await waitFor(() => JSON.stringify(stream.events).includes(other), { describe: 'the stream to tell of a job' });
    expect(JSON.stringify(stream.events)).not.toContain(canary);
    await stream.close();

    await button(page, 'Reveal').click();
    await page.getByText(canary).first().waitFor();
    const { entries } = (await admin.send(`/v1/audit?subject=${id}`)).body;
    expect(entries).toMatchObject([{ action: 'job.reveal', subject: id }]);
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await page.goBack();
    await button(page, 'Reveal').waitFor();
    expect(await seen()).toEqual({ html: false, stored: false });
    await faults.expectNone();
    await context.close();
  });

  it('tells a viewer neither payload nor result', async () => {
    const id = await acme.probe({ text: 'not for viewers' });
    await acme.finished(id);
    const { page, faults, context } = await rig.open(`/jobs/${id}`, { scopes: ['jobs:view'] });
    await page.getByText('your API key lacks the scope payloads:read').waitFor();
    expect(await button(page, 'Reveal').count()).toBe(0);
    const { csrf_token: token } = (await (await context.request.get('/v1/session')).json()) as { csrf_token: string };
    const headers = { 'x-csrf-token': token };
    expect((await context.request.post(`/v1/console/jobs/${id}/reveal`, { headers })).status()).toBe(403);
    expect((await context.request.get(`/v1/jobs/${id}`)).status()).toBe(403);
    expect((await context.request.get(`/v1/jobs/${id}/events`)).status()).toBe(403);
    await faults.expectNone();
    await context.close();
  });

  it('follows a job as it runs, is cancelled and ends, and says so', async () => {
    const id = await acme.probe({ work: '180s', steps: 600 });
    await acme.running(id);
    const { page, faults, context } = await rig.open(`/jobs/${id}`);
    await page.getByText(/Attempt 1 has been running for/).waitFor();
    await page.getByText(/step \d+ of 600/).waitFor();
    await button(page, 'Cancel').click();
    await page.getByRole('dialog').getByText('It cannot be taken back').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await waitFor(async () => (await page.evaluate(() => document.activeElement?.textContent)) === 'Cancel', {
      describe: 'the focus to come back',
    });
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByText('It was cancelled').waitFor();
    await page.getByRole('log').getByText('The job is cancelled').waitFor({ state: 'attached' });
    expect((await acme.job(id)).state).toBe('cancelled');
    await page.getByRole('table', { name: 'Where its time went' }).getByText('running').waitFor();
    await faults.expectNone();
    await context.close();
  });

  it('shows numbers of 64 bits with every digit, and sends them on unchanged', async () => {
    const exact = '9007199254740993';
    const id = await acme.submit('platform.probe', {
      failures: 99,
      failure_code: 'ERROR_CODE_INVALID_INPUT',
      number: exact,
    });
    await acme.until(id, ({ state }) => state === 'dead');
    const { page, faults, context } = await rig.open(`/jobs/${id}`);
    await button(page, 'Reveal').click();
    await page.getByText(exact).waitFor();
    await button(page, 'Edit and redrive').click();
    const editor = page.getByRole('dialog').getByLabel('Payload');
    const edited = (await editor.inputValue()).replace('"failures": 99', '"failures": 0');
    // As somebody would type it: without quotes.
    await editor.fill(edited.replace(`"${exact}"`, exact));
    await button(page, 'Redrive with this payload').click();
    await page.getByText('It succeeded').waitFor();
    expect((await acme.job(id)).payload).toMatchObject({ number: exact, failures: 0 });
    await faults.expectNone();
    await context.close();
  });

  it('shows what an attempt logs while it runs, and links a job to the one it is run again as', async () => {
    const id = await acme.submit('platform.probe_steps', { work: '0.5s', cursors: 200 });
    const { page, faults, context } = await rig.open(`/jobs/${id}`);
    await page.getByText('Step "work" started').waitFor();
    expect((await acme.job(id)).state).toBe('running');
    await acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    await page.getByRole('list', { name: 'Log of attempt 1' }).getByText('Cancelled').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    const { id: again } = (await acme.send(`/v1/jobs/${id}/rerun`, { method: 'POST', body: {} })).body;
    await page.reload();
    await page.getByRole('link', { name: again }).click();
    await page.getByText(/^Is .* run again$/).waitFor();
    await page.getByRole('link', { name: id }).waitFor();
    await faults.expectNone();
    await context.close();
  });

  it('shows times in the chosen zone, also after a reload', async () => {
    const id = await acme.submit('platform.noop', {});
    await acme.finished(id);
    const { page, context } = await rig.open(`/jobs/${id}`, { timezoneId: 'Europe/Berlin' });
    await page
      .getByText(/ CES?T/)
      .first()
      .waitFor();
    await button(page, 'Display').click();
    await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
    await button(page, 'Close').click();
    await page.getByText('GMT+9').first().waitFor();
    await page.reload();
    await page.getByText('GMT+9').first().waitFor();
    await context.close();
  });

  describe('says why a job does not run, and links to what holds it', () => {
    const why = async (id: string, pattern: RegExp, link?: string) => {
      const { page, faults, context } = await rig.open(`/jobs/${id}`);
      await page.getByRole('status').getByText(pattern).waitFor();
      if (link)
        await page
          .getByRole('status')
          .locator(`a[href="/jobs/${link}"]`)
          .or(page.locator(`a[href="/jobs/${link}"]`))
          .first()
          .waitFor();
      await faults.expectNone();
      await context.close();
    };
    const inState = (id: string, state: string) => acme.until(id, (job) => job.state === state);
    const cancel = (id: string) => acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });

    it('a slot', async () => {
      const ids: string[] = [];
      for (const _ of [1, 2, 3]) ids.push(await acme.submit('platform.probe_limited', { key: 'k', work: '60s' }));
      const states = async () => Promise.all(ids.map(async (id) => (await acme.job(id)).state));
      await waitFor(async () => (await states()).sort().join() === 'blocked,running,running', {
        describe: 'two to run',
      });
      const all = await states();
      const blocked = ids[all.indexOf('blocked')] as string;
      await why(blocked, /concurrency 2\/2/, ids[all.indexOf('running')]);
      for (const id of ids) await cancel(id);
    });

    it('a rate', async () => {
      const body = { per_second: 0.001, burst: 1 };
      expect((await admin.send('/v1/rate-buckets/probe_provider', { method: 'PUT', body })).status).toBe(200);
      const ids: string[] = [];
      for (const _ of [1, 2]) ids.push(await acme.submit('platform.probe_rated', {}));
      await inState(ids[1] as string, 'blocked');
      await why(ids[1] as string, /for a token of probe_provider/);
      await cancel(ids[1] as string);
    });

    it('a pause', async () => {
      const pause = { scope: 'kind', value: 'platform.noop', reason: 'the provider is down' };
      await admin.send('/v1/pauses', { method: 'POST', body: pause });
      const id = await acme.submit('platform.noop', {});
      await inState(id, 'blocked');
      await why(id, /Paused .* kind platform\.noop, because the provider is down/);
      await admin.send('/v1/pauses/kind/platform.noop', { method: 'DELETE' });
      await acme.finished(id);
    });

    it('a missing worker', async () => {
      const id = await acme.submit('trading.generate_digest', { user_id: 'u' });
      await why(id, /no worker is listening on queue digests/);
    });

    it('another job', async () => {
      const first = { kind: 'platform.probe', payload: { work: '60s' } };
      const body = { ...first, then: [{ kind: 'platform.noop', payload: {} }] };
      const { id, workflow_id: workflow } = (await acme.send('/v1/jobs', { method: 'POST', body })).body;
      const jobs = (await acme.send(`/v1/jobs?batch_id=${workflow}`)).body.jobs as { id: string }[];
      const second = jobs.find((job) => job.id !== id)?.id as string;
      await acme.running(id);
      await why(second, /Waiting .* for .* \(running\)/, id);
      await cancel(id);
    });
  });

  it.each(['light', 'dark'] as const)('is accessible in every state and fits 375 px, %s', async (colorScheme) => {
    const dead = await acme.probe({ failures: 99, failure_code: 'ERROR_CODE_INVALID_INPUT' });
    const done = await acme.probe({ text: 'x', follow_ups: ['y'] });
    await rig.platform.allFinished([dead, done]);
    for (const [path, ready] of [
      [`/jobs/${dead}`, /It is dead/],
      [`/jobs/${done}`, /It succeeded/],
      [`/jobs/${randomUUID()}`, /There is no job/],
    ] as const) {
      const { page, context } = await rig.open(path, { colorScheme, viewport: { width: 375, height: 700 } });
      await page.getByText(ready).first().waitFor();
      await picture(page, `job-${colorScheme}-${String(ready).replaceAll(/\W/g, '')}`);
      expect([path, await accessibilityFaults(page)]).toEqual([path, []]);
      expect([path, await scrollsSideways(page)]).toEqual([path, false]);
      await context.close();
    }
  });
});
