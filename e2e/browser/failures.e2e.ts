import { waitFor } from '@roundhouse/testing';
import type { Page } from 'playwright-core';
import type { Client } from '../platform/client.js';
import type { Platform } from '../platform/platform.js';
import { repairJobs } from '../platform/repaired-jobs.js';
import { accessibilityFaults, scrollsSideways } from './accessibility.js';
import { describeInBrowser } from './chromium.js';
import { ConsoleTest } from './console.js';
import { picture } from './screens.js';

interface Redrive {
  id: string;
  state: string;
  counts: { matched: number; sent: number; succeeded: number };
}

describeInBrowser('failures', () => {
  let rig: ConsoleTest;
  let platform: Platform;
  let admin: Client;
  beforeAll(async () => {
    rig = await ConsoleTest.start();
    ({ platform } = rig);
    admin = await platform.clientWith('admin');
  });
  afterAll(() => rig?.stop());

  /** Jobs that die at their first attempt. */
  async function deadJobs(text: string, count: number): Promise<string[]> {
    const jobs = Array.from({ length: count }, () => ({
      kind: 'platform.probe',
      payload: { text, failures: 1, failure_code: 'ERROR_CODE_INVALID_INPUT' },
    }));
    const answer = await admin.send('/v1/jobs/bulk', { method: 'POST', body: { jobs } });
    const ids = answer.body.jobs.map(({ id }: { id: string }) => id) as string[];
    await platform.allFinished(ids);
    return ids;
  }

  /** As many more that are dead of the same, straight into the ledger: for redrives of many, which are not about how jobs die. */
  async function deadLike(id: string, count: number): Promise<string[]> {
    const copies = await platform.ledger.query<{ id: string }[]>(
      `insert into ledger.jobs
         select (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid()))).*
           from ledger.jobs j, generate_series(1, $2::integer) where j.id = $1
       returning id`,
      [id, count],
    );
    return copies.map((copy) => copy.id);
  }

  const fingerprintOf = async (id: string): Promise<string> =>
    (await admin.send(`/v1/jobs/${id}`)).body.fingerprint as string;
  const redrives = async (): Promise<Redrive[]> => (await admin.send('/v1/redrives')).body.redrives;

  /** Tabs until the focus is on a control of that name: what people without a mouse do. */
  async function tabTo(page: Page, name: RegExp): Promise<void> {
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement | null;
        const label = element instanceof HTMLInputElement ? (element.labels?.[0]?.textContent ?? '') : '';
        return {
          text: `${element?.getAttribute('aria-label') ?? ''}${element?.textContent ?? ''}${label}`,
          seen: element ? getComputedStyle(element).outlineStyle !== 'none' : false,
        };
      });
      if (name.test(focused.text)) {
        expect([focused.text, focused.seen]).toEqual([focused.text, true]);
        return;
      }
    }
    throw new Error(`Nothing named ${name} can be reached with the tabulator`);
  }

  it('shows what fails before anything has died of it, and leads to those jobs', async () => {
    const options = { retry: { backoff: 'fixed', delays_seconds: [600] } };
    const jobs = Array.from({ length: 100 }, () => ({
      kind: 'platform.probe',
      payload: { text: 'failing', failures: 1, failure_code: 'ERROR_CODE_UNAVAILABLE' },
      options,
    }));
    const answer = await admin.send('/v1/jobs/bulk', { method: 'POST', body: { jobs } });
    const ids = answer.body.jobs.map(({ id }: { id: string }) => id) as string[];
    const { page, faults, context } = await rig.open('/failures?kind=platform.probe');
    const row = page.getByRole('table', { name: 'Causes of failed attempts' }).getByRole('row').nth(1);
    await row.getByRole('cell', { name: '100', exact: true }).waitFor();
    // Of the first of a hundred, whose waits are not all the same.
    await row.getByText(/^in \d min$/).waitFor();
    await page.getByText('No dead jobs').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    await picture(page, 'failing');
    await row.getByRole('link', { name: 'UNAVAILABLE' }).click();
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await page
      .getByText(ids[0]!.slice(-12))
      .or(page.getByText(ids[99]!.slice(-12)))
      .first()
      .waitFor();
    await faults.expectNone();
    await context.close();
    await Promise.all(ids.map((id) => admin.send(`/v1/jobs/${id}/cancel`, { method: 'POST' })));
    await platform.allFinished(ids);
  });

  it('from the URL of an alert to the finished redrive with the keyboard alone', async () => {
    const since = new Date(Date.now() - 60_000).toISOString();
    const ids = await deadJobs('keyboard', 12);
    await repairJobs(platform.ledger, ids);
    const fingerprint = await fingerprintOf(ids[0]!);
    const { page, faults, context } = await rig.open(`/failures/${fingerprint}?since=${since}`);
    await page.getByRole('heading', { level: 1, name: 'INVALID_INPUT in platform.probe' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'failure');
    await tabTo(page, /^Redrive 12$/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Redrive dead jobs' });
    await dialog.getByText('12 jobs match now').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    // Escape closes it and gives the focus back to where it was.
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await waitFor(async () => (await page.evaluate(() => document.activeElement?.textContent)) === 'Redrive 12', {
      describe: 'the focus to come back',
    });
    await page.keyboard.press('Enter');
    await dialog.getByText('12 jobs match now').waitFor();
    await tabTo(page, /^Redrive 12$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Redrive' }).waitFor();
    // The outcome is said, without being asked for.
    await page
      .getByRole('log', { name: 'Outcomes' })
      .getByText(/The redrive has finished: 12 jobs sent/)
      .waitFor();
    await page.getByText('12 of 12 jobs are over').waitFor();
    await picture(page, 'redrive');
    expect(await accessibilityFaults(page)).toEqual([]);
    const [redrive] = await redrives();
    expect(redrive).toMatchObject({
      state: 'finished',
      canary: true,
      counts: { matched: 12, sent: 12, succeeded: 12 },
    });
    await faults.expectNone();
    await context.close();
  });

  it('a redrive of 10,000: what was confirmed and nothing else, once, whatever is pressed or lost twice', async () => {
    const count = 10_000;
    const ids = await deadJobs('many', 10);
    ids.push(...(await deadLike(ids[0]!, count - ids.length)));
    await repairJobs(platform.ledger, ids);
    const fingerprint = await fingerprintOf(ids[0]!);
    const before = (await redrives()).length;
    const { page, faults, context } = await rig.open(`/failures/${fingerprint}`);
    faults.accept(/ERR_FAILED|ERR_CONNECTION/);
    await page.getByRole('button', { name: 'Redrive 10,000' }).click();
    const dialog = page.getByRole('dialog', { name: 'Redrive dead jobs' });
    await dialog.getByText('10,000 jobs match now').waitFor();
    // Two more of the same cause die between the count and the confirmation.
    const late = await deadJobs('many', 2);
    expect(await fingerprintOf(late[0]!)).toBe(fingerprint);
    await dialog.getByLabel(/As a canary/).uncheck();
    // The first answer is lost on its way: the request was carried out all the same.
    let sent = 0;
    await page.route('**/v1/dead/redrive', async (route) => {
      sent += 1;
      if (sent > 1) return route.continue();
      await route.fetch();
      await route.abort();
    });
    await dialog.getByRole('button', { name: 'Redrive 10,000' }).dblclick();
    await page.getByRole('heading', { level: 1, name: 'Redrive' }).waitFor();
    expect(sent).toBeGreaterThan(1);
    await page.getByText('10,000 of 10,000 jobs are over').waitFor({ timeout: 400_000 });
    const made = (await redrives()).slice(0, -before || undefined);
    expect(made).toHaveLength(1);
    expect(made[0]!.counts).toMatchObject({ matched: count, sent: count, succeeded: count });
    const [ledger] = await platform.ledger.query<{ succeeded: number; late: number }[]>(
      `select count(*) filter (where state = 'succeeded' and attempt = 2 and id = any($1::uuid[]))::integer as succeeded,
              count(*) filter (where state = 'dead' and attempt = 1 and id = any($2::uuid[]))::integer as late from ledger.jobs`,
      [ids, late],
    );
    expect(ledger).toEqual({ succeeded: count, late: 2 });
    await faults.expectNone();
    await context.close();
  }, 900_000);

  it('mutes a cause with a reason, ends that, resolves it, and shows when it comes back', async () => {
    const [id] = await deadJobs('marked', 1);
    const fingerprint = await fingerprintOf(id!);
    const { page, faults, context } = await rig.open(`/failures/${fingerprint}`);
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    const dialog = page.getByRole('dialog');
    await press('Mute');
    await dialog.getByLabel('Reason').fill('the bank is down');
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Mute', exact: true }).click();
    await page.getByText(/the bank is down; until/).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, 'failure-muted');
    await press('Unmute');
    await press('Resolve');
    await dialog.getByLabel('What was done').fill('release 12');
    await dialog.getByRole('button', { name: 'Resolve', exact: true }).click();
    await page.getByText(/resolved by .*release 12/).waitFor();
    await deadJobs('marked', 1);
    await page.getByText('recurred', { exact: true }).waitFor();
    await faults.expectNone();
    await context.close();
  });

  it('discards what nobody needs, and says when nothing is left', async () => {
    const [id] = await deadJobs('discard', 3);
    const { page, faults, context } = await rig.open(`/failures/${await fingerprintOf(id!)}`);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await page.getByText('No job is dead of this any more').waitFor();
    await faults.expectNone();
    await context.close();
  });

  it('shows what is muted when no job is dead of it any more, and ends that', async () => {
    const [id] = await deadJobs('gone', 1);
    const fingerprint = await fingerprintOf(id!);
    const operator = await rig.platform.clientWith('admin');
    const act = (path: string, body: object) => operator.send(`/v1/dead/${path}`, { method: 'POST', body });
    expect((await act(`${fingerprint}/mute`, { reason: 'nobody minds' })).status).toBe(204);
    expect((await act('discard', { filter: { fingerprint } })).status).toBe(200);
    const { page, faults, context } = await rig.open(`/failures/${fingerprint}`);
    await page.getByText('No job is dead of this any more').waitFor();
    await page.getByRole('group', { name: 'Muted causes' }).getByText('nobody minds').waitFor();
    await page.goto('/failures');
    const row = page.getByRole('group', { name: 'Muted causes' }).getByRole('row', { name: /nobody minds/ });
    await row.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    await picture(page, 'failures-muted');
    await row.getByRole('button', { name: /^Unmute/ }).click();
    await row.waitFor({ state: 'detached' });
    await faults.expectNone();
    await context.close();
  });

  it('a viewer sees causes and redrives, and may do nothing about them', async () => {
    await deadJobs('viewer', 1);
    const { page, faults, context } = await rig.open('/failures', { scopes: ['jobs:view'] });
    await page.getByRole('group', { name: 'Causes of death' }).waitFor();
    expect(await page.getByRole('button', { name: /Redrive/ }).count()).toBe(0);
    await page.goto('/redrives');
    await page.getByRole('group', { name: 'Redrives' }).waitFor();
    await faults.expectNone();
    await context.close();
  });

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    it.each(['/failures', '/failures?kind=none', '/failures/nothing', '/redrives'])(
      '%s: WCAG AA, 375 px',
      async (path) => {
        const { page, faults, context } = await rig.open(path, { colorScheme, viewport: { width: 375, height: 800 } });
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.getByRole('status', { name: /Loading/ }).waitFor({ state: 'detached' });
        expect(await accessibilityFaults(page)).toEqual([]);
        expect(await scrollsSideways(page)).toBe(false);
        await picture(page, `failures-${colorScheme}-${path.replaceAll(/\W+/g, '-')}`);
        await faults.expectNone();
        await context.close();
      },
    );
  });
});
