import { LocalFileStorage } from '@roundhouse/storage';
import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import { EventSource } from './platform/event-source.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
let anybody: Client;
beforeAll(async () => {
  platform = await startPlatform({ gateways: 2 });
  acme = await platform.clientWith('jobs:write', 'jobs:read', 'jobs:cancel', 'admin');
  anybody = platform.anybody();
});
afterAll(() => platform?.stop());

interface Link {
  id: string;
  url: string;
  path: string;
}

async function linkTo(jobId: string, body: object = {}, client = acme): Promise<Link> {
  const answer = await client.send(`/v1/jobs/${jobId}/status-links`, { method: 'POST', body });
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  return { ...answer.body, path: new URL(answer.body.url).pathname };
}

const open = (path: string) => EventSource.open(`${platform.service('gateway').url}${path}`, {});

describe('a link', () => {
  it('shows the job to anybody who has it, and nothing of the inside', async () => {
    const secret = 'canary-4711';
    const id = await acme.probe({ text: secret, work: '30s', steps: 30 });
    const { path } = await linkTo(id);
    const job = await acme.until(id, ({ progress }) => progress !== null);
    const page = await anybody.send(path);
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('<h1>Probe</h1>') });
    expect(page.text).toMatch(/step \d+ of 30/);
    for (const inside of [secret, 'platform.probe', 'probes', job.worker_id!, 'acme'])
      expect(page.text).not.toContain(inside);
    await acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  });

  it('is neither to be found, kept, framed nor passed on', async () => {
    const { path } = await linkTo(await acme.submit('platform.noop', { text: 'x' }));
    const { headers, text } = await anybody.send(path);
    expect(headers.get('cache-control')).toContain('no-store');
    expect(headers.get('x-robots-tag')).toContain('noindex');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(text).toContain('<meta name="robots" content="noindex');
    expect(text).not.toMatch(/style=|\son\w+=/);
  });

  it('tells of the job as it goes, and ends with it', async () => {
    const id = await acme.probe({ work: '6s', steps: 20 });
    const stream = await open(`${(await linkTo(id)).path}/events`);
    await stream.over;
    const states = stream.events.filter(({ event }) => event === 'status').map(({ data }) => data);
    const percents = states.map(({ percent }) => percent).filter((percent) => percent !== null);
    expect(percents.length).toBeGreaterThan(3);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(states.at(-1)).toMatchObject({ state: 'succeeded', stage: 'Done', percent: 100, eta: null });
    expect(stream.events.at(-1)).toMatchObject({ event: 'end' });
  });

  it('knows when a job of known pace will be ready', async () => {
    const id = await acme.probe({ work: '60s', steps: 120 });
    const { path } = await linkTo(id);
    const state = await waitFor(
      async () => {
        const { body } = await anybody.send(`${path}/state`);
        return body.eta ? body : undefined;
      },
      { describe: 'an estimate' },
    );
    const earliest = Date.parse(state.eta.earliest);
    const end = Date.parse(state.started_at) + 60_000;
    expect(earliest).toBeLessThan(Date.parse(state.eta.latest));
    expect(earliest).toBeGreaterThan(Date.parse(state.now));
    expect(Math.abs(earliest - end)).toBeLessThan(45_000);
    await acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  });
});

describe('what went wrong', () => {
  it('is said in the words that the job has for people', async () => {
    const id = await acme.probe({ failures: 9, failure_code: 'ERROR_CODE_INVALID_INPUT' });
    await acme.finished(id);
    const { body } = await anybody.send(`${(await linkTo(id)).path}/state`);
    expect(body).toMatchObject({ state: 'failed', stage: 'Failed', error: 'Told to fail 9 times, this is number 1' });
  });

  it('is not told from the inside when nobody wrote it for people', async () => {
    const id = await acme.probe({ failures: 9, failure_code: 'ERROR_CODE_INTERNAL' });
    const { path } = await linkTo(id);
    await acme.until(id, ({ state }) => state === 'retrying');
    const { body } = await anybody.send(`${path}/state`);
    expect(body).toMatchObject({ state: 'waiting', error: 'Something unexpected happened on our side.' });
    await acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect((await anybody.send(path)).text).not.toContain('Told to fail');
  });
});

describe('a result', () => {
  it('that names a stored file is there for download, under its name', async () => {
    const storage = new LocalFileStorage(platform.storageFolder);
    await storage.put('probe/1/file', Buffer.from('the content'));
    const { operator } = platform;
    const id = await operator.submit('platform.probe_file', { text: 'naïve "report"', file: 'probe/1/file' });
    await operator.finished(id);
    const { path } = await linkTo(id, {}, operator);
    const { body } = await anybody.send(`${path}/state`);
    expect(body.downloads).toEqual([{ name: 'file', label: 'The file of the probe', bytes: 11, gone: false }]);
    const file = await anybody.send(`${path}/files/file`);
    expect(file).toMatchObject({ status: 200, text: 'the content' });
    expect(file.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="na_ve _report_.txt"; filename*=UTF-8''na%C3%AFve%20%22report%22.txt`,
    );
    expect(await anybody.send(`${path}/files/text`)).toMatchObject({ status: 404 });
    await storage.delete('probe/1/file');
    expect((await anybody.send(`${path}/state`)).body.downloads).toMatchObject([{ gone: true }]);
    expect(await anybody.send(`${path}/files/file`)).toMatchObject({ status: 410, body: { code: 'gone' } });
  });
});

describe('cancelling', () => {
  it('needs a link that allows it', async () => {
    const id = await acme.probe({ work: '30s', steps: 30 });
    await acme.running(id);
    const { path } = await linkTo(id);
    expect(await anybody.send(`${path}/cancel`, { method: 'POST' })).toMatchObject({ status: 403 });
    expect((await anybody.send(`${path}/state`)).body.cancellable).toBe(false);

    const allowed = await linkTo(id, { may_cancel: true });
    expect((await anybody.send(`${allowed.path}/state`)).body.cancellable).toBe(true);
    expect(await anybody.send(`${allowed.path}/cancel`, { method: 'POST' })).toMatchObject({
      status: 202,
      body: { stopping: true },
    });
    expect(await acme.finished(id)).toMatchObject({ state: 'cancelled' });
    const { body } = await acme.send(`/v1/audit?action=job.cancel&subject=${id}`);
    expect(body.entries).toMatchObject([{ actor: `status link ${allowed.id}` }]);
    expect(await anybody.send(`${allowed.path}/cancel`, { method: 'POST' })).toMatchObject({ status: 202 });
  });
});

describe('a link ends', () => {
  it('when it is revoked, on every gateway, and open pages are told', async () => {
    const id = await acme.probe({ work: '60s', steps: 2 });
    const { id: linkId, path } = await linkTo(id);
    const other = await linkTo(id);
    const streams = await Promise.all(
      ['gateway', 'gateway2'].map((name) => EventSource.open(`${platform.service(name).url}${path}/events`, {})),
    );
    await Promise.all(streams.map((stream) => stream.atLeast(1)));
    expect(await acme.send(`/v1/jobs/${id}/status-links/${linkId}`, { method: 'DELETE' })).toMatchObject({
      status: 204,
    });
    await Promise.all(streams.map((stream) => stream.over));
    for (const { events } of streams) expect(events.at(-1)).toMatchObject({ event: 'gone' });
    expect(await anybody.send(path)).toMatchObject({ status: 410, text: expect.stringContaining('taken back') });
    expect(await anybody.send(`${path}/state`)).toMatchObject({ status: 410, body: { code: 'gone' } });
    expect(await anybody.send(other.path)).toMatchObject({ status: 200 });
    const { body } = await acme.send(`/v1/jobs/${id}/status-links`);
    expect(body.links).toMatchObject([
      { id: other.id, revoked_at: null },
      { id: linkId, revoked_at: expect.any(String) },
    ]);
    expect(JSON.stringify(body)).not.toContain(path.slice(8));
    await acme.send(`/v1/jobs/${id}/cancel`, { method: 'POST' });
  });

  it('when its time is over', async () => {
    const id = await acme.submit('platform.noop', { text: 'x' });
    const { id: linkId, path } = await linkTo(id, { expires_in_seconds: 60 });
    expect(await anybody.send(path)).toMatchObject({ status: 200 });
    await platform.ledger.query(`update ledger.status_links set expires_at = now() - interval '1 s' where id = $1`, [
      linkId,
    ]);
    expect(await anybody.send(path)).toMatchObject({ status: 410, text: expect.stringContaining('has expired') });
  });

  it('and one that was never given out opens nothing', async () => {
    const { path } = await linkTo(await acme.submit('platform.noop', { text: 'x' }));
    const forged = `${path.slice(0, -2)}${path.at(-2) === 'A' ? 'B' : 'A'}${path.at(-1)}`;
    for (const wrong of [forged, '/status/x', `/status/${'A'.repeat(51)}`])
      expect(await anybody.send(wrong)).toMatchObject({
        status: 404,
        text: expect.stringContaining('not one of ours'),
      });
    expect(await anybody.send(`${forged}/cancel`, { method: 'POST' })).toMatchObject({ status: 404 });
  });
});

it("links to other tenants' jobs cannot be made, and scopes hold", async () => {
  const id = await acme.submit('platform.noop', { text: 'x' });
  const make = (client: Client) => client.send(`/v1/jobs/${id}/status-links`, { method: 'POST', body: {} });
  expect(await make(platform.globex)).toMatchObject({ status: 404 });
  expect(await make(await platform.clientWith('jobs:read'))).toMatchObject({ status: 403 });
  const { id: linkId } = await linkTo(id);
  const revoke = `/v1/jobs/${id}/status-links/${linkId}`;
  expect(await platform.globex.send(revoke, { method: 'DELETE' })).toMatchObject({ status: 404 });
  const short = await acme.send(`/v1/jobs/${id}/status-links`, { method: 'POST', body: { expires_in_seconds: 1 } });
  expect(short).toMatchObject({ status: 400, body: { errors: [{ path: 'expires_in_seconds' }] } });
});
