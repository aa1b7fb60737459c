import { waitFor } from '@roundhouse/testing';
import type { Client } from './platform/client.js';
import type { ServerEvent } from './platform/event-source.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
beforeAll(async () => {
  platform = await startPlatform();
  ({ acme } = platform);
});
afterAll(() => platform?.stop());

const types = (events: ServerEvent[]): string[] => events.map((event) => event.event);

describe('the events of a job', () => {
  it('tell its whole life and end with it', async () => {
    const id = await acme.probe({ work: '1s', steps: 4, failures: 1, failure_code: 'ERROR_CODE_UNAVAILABLE' });
    const stream = await acme.follow(`/v1/jobs/${id}/events`);
    await stream.over;
    const seen = types(stream.events);
    expect(seen.filter((type) => type !== 'progress')).toEqual(['running', 'retrying', 'running', 'succeeded', 'end']);
    const [running] = stream.events;
    expect(running?.data).toMatchObject({ job_id: id, attempt: 1, at: expect.stringMatching(/Z$/) });
    expect(stream.events.find((event) => event.event === 'retrying')?.data).toMatchObject({
      attempt: 1,
      error: { code: 'UNAVAILABLE' },
    });
    expect(stream.events.findLast((event) => event.event === 'progress')?.data).toMatchObject({ percent: 100 });
    expect(stream.events.at(-1)?.data).toMatchObject({ id, state: 'succeeded', result: { attempt: 2 } });
    const ids = stream.events.slice(0, -1).map((event) => BigInt(event.id));
    expect(ids.every((value, i) => i === 0 || value > (ids[i - 1] as bigint))).toBe(true);
  });

  it('go on where a lost connection left off: no gap, no repetition', async () => {
    const id = await acme.probe({ work: '4s', steps: 40 });
    const seen: ServerEvent[] = [];
    let lastId: string | undefined;
    for (;;) {
      const stream = await acme.follow(`/v1/jobs/${id}/events`, lastId);
      await waitFor(() => stream.events.length >= 2 || types(stream.events).includes('end'), {
        describe: 'some events',
      });
      await stream.close();
      seen.push(...stream.events);
      lastId = seen.at(-1)?.id;
      if (types(seen).includes('end')) break;
    }
    const stored = await platform.ledger.query<{ id: string }[]>(
      `select h.id::text from ledger.job_history h where job_id = $1 order by h.id`,
      [id],
    );
    expect(seen.filter((event) => event.event !== 'end').map((event) => event.id)).toEqual(stored.map((row) => row.id));
    expect(stored.length).toBeGreaterThan(3);
  });

  it('of a job that is over come at once; after the last one there is only the end', async () => {
    const id = await acme.submit('platform.noop', { text: 'x' });
    await acme.finished(id);
    const all = await acme.follow(`/v1/jobs/${id}/events`);
    await all.over;
    expect(types(all.events)).toEqual(['running', 'succeeded', 'end']);
    const rest = await acme.follow(`/v1/jobs/${id}/events`, all.lastId);
    await rest.over;
    expect(types(rest.events)).toEqual(['end']);
    const wrong = await acme.send(`/v1/jobs/${id}/events`, { headers: { 'last-event-id': 'abc' } });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});

describe('the domain events of a tenant', () => {
  const probeDone = (text: string) =>
    expect.objectContaining({ event: 'probe.done', data: expect.objectContaining({ body: { text } }) });

  it('come as they happen, in order, and only its own', async () => {
    const mine = await acme.follow('/v1/events');
    const theirs = await platform.globex.follow('/v1/events');
    const ids = [];
    for (const text of ['a', 'b', 'c']) {
      const id = await acme.probe({ text });
      ids.push(id);
      await acme.finished(id);
    }
    await platform.globex.finished(await platform.globex.probe({ text: 'theirs' }));
    const seen = await mine.atLeast(3);
    expect(seen).toEqual([probeDone('a'), probeDone('b'), probeDone('c')]);
    expect(seen.map((event) => event.data.job_id)).toEqual(ids);
    expect(await theirs.atLeast(1)).toEqual([probeDone('theirs')]);
    await Promise.all([mine.close(), theirs.close()]);
  });

  it('can be chosen by type; an unknown one is refused with those there are', async () => {
    const other = await acme.follow('/v1/events?type=coach.reflect,digest.ready');
    const wanted = await acme.follow('/v1/events?type=probe.done');
    await acme.finished(await acme.probe({ text: 'typed' }));
    await wanted.atLeast(1);
    expect(other.events).toEqual([]);
    await Promise.all([other.close(), wanted.close()]);
    const refused = await acme.send('/v1/events?type=probe.gone');
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ path: 'type' }] } });
    expect(refused.text).toContain('probe.done');
    for (const cursor of ['abc', '1-99999999999999999999', '99999999999999999999-1']) {
      expect((await acme.send('/v1/events', { headers: { 'last-event-id': cursor } })).status).toBe(400);
    }
  });

  it('go on where the reader was, over a restart of the gateway: no gap, no repetition', async () => {
    const texts = Array.from({ length: 60 }, (_, i) => `resume-${i}`);
    const submit = (some: string[]) =>
      Promise.all(some.map((text, i) => acme.probe({ text, work: `${((i % 10) * 0.3).toFixed(1)}s` })));
    const stream = await acme.follow('/v1/events');
    const ids = await submit(texts.slice(0, 40));
    await stream.atLeast(10);
    await platform.service('gateway').kill('SIGKILL');
    await stream.over;
    const seen = [...stream.events];
    await platform.launch('gateway');
    ids.push(...(await submit(texts.slice(40))));
    for (let rounds = 1; seen.length < 60; rounds += 1) {
      const next = await acme.follow('/v1/events', seen.at(-1)?.id);
      // cut twice in the middle, then read to the end
      await next.atLeast(rounds <= 2 ? Math.min(5, 60 - seen.length) : 60 - seen.length);
      await next.close();
      seen.push(...next.events);
    }
    await platform.allFinished(ids);
    expect(seen.map((event) => event.data.body.text).sort()).toEqual([...texts].sort());
    expect(new Set(seen.map((event) => event.id)).size).toBe(60);
    const rest = await acme.follow('/v1/events', seen.at(-1)?.id);
    await acme.finished(await acme.probe({ text: 'last' }));
    expect(await rest.atLeast(1)).toEqual([probeDone('last')]);
    await rest.close();
    const again = await acme.follow('/v1/events?last_event_id=0-0');
    const all = await again.atLeast(65);
    await again.close();
    expect(all.filter((event) => texts.includes(event.data.body.text))).toHaveLength(60);
  });
});
