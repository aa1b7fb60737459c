import { waitFor } from '@roundhouse/testing';
import type { Client } from '../platform/client.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';
import { picture } from './screens.js';

describeInBrowser('pages of the platform', () => {
  let rig: ConsoleTest;
  let admin: Client;
  let workflow: string;
  let batch: string;
  let schedule: string;

  const post = async (path: string, body: object) => {
    const answer = await admin.send(path, { method: 'POST', body });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };

  beforeAll(async () => {
    rig = await ConsoleTest.start();
    admin = await rig.platform.clientWith('admin');
    const probe = (ref: string, work: string, ...needs: string[]) => ({
      ref,
      kind: 'platform.probe',
      payload: { text: ref, work },
      depends_on: needs.map((need) => ({ ref: need })),
    });
    const jobs = [
      probe('read', '0s'),
      probe('left', '300s', 'read'),
      probe('right', '0s', 'read'),
      probe('write', '0s', 'left', 'right'),
    ];
    ({ id: workflow } = await post('/v1/workflows', { name: 'nightly', jobs }));
    const noop = { kind: 'platform.noop', payload: { text: 'x' } };
    ({ id: batch } = await post('/v1/batches', { name: 'three', jobs: [noop, noop, noop] }));
    const cron = { name: 'hourly', cron: '0 * * * *', time_zone: 'Europe/Berlin', kind: 'platform.noop', payload: {} };
    ({ id: schedule } = await post('/v1/schedules', cron));
  });
  afterAll(() => rig?.stop());

  it('a workflow is a graph, and the same in words', async () => {
    const { page, faults, context } = await rig.open(`/workflows/${workflow}`);
    const graph = page.getByRole('group', { name: 'Graph of the workflow' });
    for (const ref of ['read', 'left', 'right', 'write']) await graph.getByText(ref, { exact: true }).waitFor();
    await waitFor(async () => (await graph.locator('.react-flow__edge').count()) === 4, { describe: 'four edges' });
    const words = page.getByRole('group', { name: 'Jobs of the workflow, in their order' });
    await words.getByRole('row', { name: /write/ }).getByText('left, right').waitFor();
    // What changes comes by itself.
    await words.getByRole('row', { name: /^read/ }).getByText('succeeded').waitFor();
    await words.getByRole('row', { name: /^left/ }).getByText('running').waitFor();
    await picture(page, 'workflow');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Cancel \d/ })
      .click();
    await words.getByRole('row', { name: /^left/ }).getByText('cancelled').waitFor();
    await faults.expectNone();
    await context.close();
  });

  it('a schedule says when it fires; it is paused, run and changed', async () => {
    const { page, faults, context } = await rig.open('/schedules');
    await page.getByRole('link', { name: 'hourly' }).click();
    const next = page.getByRole('group', { name: 'Next fire times' });
    await next.waitFor();
    await waitFor(async () => (await next.getByRole('row').count()) === 6, { describe: 'a heading and five times' });
    await next
      .getByText(/\+0[12]:00$/)
      .first()
      .waitFor();
    await page.getByLabel('From the beginning of').fill('2027-10-31');
    await page.getByLabel('Until the beginning of').fill('2027-11-01');
    const previewed = page.getByRole('group', { name: 'Previewed fire times' });
    await previewed.getByText('02:00 to 03:00 is shown twice; this is the second time').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('It is paused').waitFor();
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.getByRole('group', { name: 'Past fire times' }).getByText('fired: run now').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Cron').fill('61 * * * *');
    await dialog.getByRole('button', { name: 'Save' }).click();
    faults.accept(/400/);
    await dialog.getByRole('alert').getByText('cron').first().waitFor();
    await dialog.getByLabel('Cron').fill('30 * * * *');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('30 * * * *').waitFor();
    await picture(page, 'schedule');
    await faults.expectNone();
    await context.close();
  });

  it('a schedule with hidden values says what may be changed without reading payloads', async () => {
    const payload = {
      webhook_id: '00000000-0000-4000-8000-000000000001',
      url: 'https://hooks.example/secret-path',
      sealed_secrets: ['s1'],
      event_type: 'job.dead',
      body: '{}',
    };
    const call = { name: 'call', cron: '0 0 1 1 *', time_zone: 'UTC', kind: 'platform.deliver_webhook', payload };
    const { id } = await post('/v1/schedules', call);
    const { page, faults, context } = await rig.open(`/schedules/${id}`, { scopes: ['jobs:view', 'schedules:admin'] });
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/your API key lacks the scope payloads:read/).waitFor();
    const field = dialog.getByLabel('Payload');
    await field.fill((await field.inputValue()).replace('job.dead', 'job.succeeded'));
    faults.accept(/403/);
    await dialog.getByRole('button', { name: 'Save' }).click();
    const refusal = dialog.getByRole('alert');
    await refusal.getByText('payload.sealed_secrets', { exact: true }).waitFor();
    expect(await refusal.textContent()).toContain('send values of your own');
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'schedule-hidden');
    await dialog.getByLabel('Cron').fill('30 0 1 1 *');
    await field.fill((await field.inputValue()).replace('job.succeeded', 'job.dead'));
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('30 0 1 1 *').waitFor();
    await faults.expectNone();
    await context.close();
  });

  it('a queue is paused with a reason, and the ledger stands beside the broker', async () => {
    const { page, faults, context } = await rig.open('/queues?queue=digests', { tenant: 'operator' });
    const row = page.getByRole('row', { name: /digests/ });
    await page.getByRole('columnheader', { name: 'At the broker' }).waitFor();
    await row.getByRole('button', { name: 'Pause' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause digests' });
    expect(await dialog.getByRole('button', { name: 'Pause' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Reason').fill('maintenance of the mail server');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await row.getByText('maintenance of the mail server').waitFor();
    await picture(page, 'queues');
    await row.getByRole('button', { name: 'Resume' }).click();
    await row.getByRole('button', { name: 'Pause' }).waitFor();
    await page.goto('/audit?action=pause.create');
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    await faults.expectNone();
    await context.close();
  });

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    const paths: [string, () => string][] = [
      ['batches', () => '/batches'],
      ['a batch', () => `/batches/${batch}`],
      ['workflows', () => '/workflows'],
      ['a workflow', () => `/workflows/${workflow}`],
      ['schedules', () => '/schedules'],
      ['a schedule', () => `/schedules/${schedule}`],
      ['queues', () => '/queues'],
      ['workers', () => '/workers'],
      ['audit', () => '/audit'],
      ['audit, nothing', () => '/audit?action=nothing'],
    ];
    it.each(paths)('%s: WCAG AA, 375 px', async (name, path) => {
      const { page, faults, context } = await rig.open(path(), {
        colorScheme,
        viewport: { width: 375, height: 800 },
      });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByText('Loading', { exact: false }).first().waitFor({ state: 'detached' });
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
      await picture(page, `platform-${colorScheme}-${name.replaceAll(/\W+/g, '-')}`);
      await faults.expectNone();
      await context.close();
    });
  });
});
