import { SubmitJobsRequest, SubmitJobsRequest_Mode, ProbeRequest, SubmitJobsResponse } from '@roundhouse/contracts';
import type { Answer, Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

let platform: Platform;
let acme: Client;
let operator: Client;
beforeAll(async () => {
  platform = await startPlatform();
  const scopes = ['jobs:write', 'jobs:read', 'jobs:cancel', 'dead:redrive', 'schedules:admin', 'admin'] as const;
  acme = await platform.clientOf('acme', ...scopes);
  operator = await platform.clientOf('operator', ...scopes);
});
afterAll(() => platform?.stop());

const post = (path: string, body: object, client = acme) => client.send(path, { method: 'POST', body });
const crashing = { kind: 'platform.probe', payload: { text: 'x', crashes: 1 } };
const harmless = { kind: 'platform.probe', payload: { text: 'x' } };
const later = { delay_seconds: 3_600 };

/** Where an answer of 400 sees what is wrong, and whom it refers to. */
const faults = ({ status, body }: Answer) => [
  status,
  body.errors?.map(({ path, message }: { path: string; message: string }) => [path, /operators/.test(message)]),
];

describe('a field that only operators may set is refused to others', () => {
  it.each([
    ['platform.probe', { crashes: 1 }, 'crashes'],
    ['platform.probe', { ignoreInterruption: true }, 'ignore_interruption'],
    ['platform.probe_limited', { key: 'k', crashes: 3 }, 'crashes'],
    ['platform.probe_rated', { provider_url: 'http://127.0.0.1:1' }, 'provider_url'],
    ['platform.probe_file', { file: 'globex/secret' }, 'file'],
  ])('%s %j', async (kind, payload, field) => {
    expect(faults(await post('/v1/jobs', { kind, payload }))).toEqual([400, [[`payload.${field}`, true]]]);
    expect(await post('/v1/jobs', { kind, payload, ...later }, operator)).toMatchObject({ status: 202 });
  });

  it.each([
    ['a chain', '/v1/jobs', { ...harmless, then: [crashing] }, 'then[0].payload.crashes'],
    ['a bulk request', '/v1/jobs/bulk', { jobs: [harmless, crashing] }, 'jobs[1].payload.crashes'],
    ['a batch', '/v1/batches', { name: 'b', jobs: [crashing] }, 'jobs[0].payload.crashes'],
    [
      "a batch's end",
      '/v1/batches',
      { name: 'b', jobs: [harmless], on_success: crashing },
      'on_success.payload.crashes',
    ],
    ['a workflow', '/v1/workflows', { name: 'w', jobs: [{ ref: 'a', ...crashing }] }, 'jobs[0].payload.crashes'],
    ['a schedule', '/v1/schedules', { name: 's', cron: '0 4 * * *', time_zone: 'UTC', ...crashing }, 'payload.crashes'],
  ])('in %s', async (_, path, body, where) => {
    expect(faults(await post(path, body))).toEqual([400, [[where, true]]]);
  });

  it('in a bulk request as protobuf', async () => {
    const payload = Buffer.from(ProbeRequest.encode(ProbeRequest.fromPartial({ crashes: 1 })).finish());
    const jobs = [{ kind: 'platform.probe', payload, runAt: new Date(Date.now() + 3_600_000) }];
    const request = SubmitJobsRequest.fromPartial({ mode: SubmitJobsRequest_Mode.PER_ITEM, jobs });
    const ask = async (client: Client) => {
      const response = await fetch(`${platform.service('gateway').url}/v1/jobs/bulk`, {
        method: 'POST',
        headers: { authorization: `Bearer ${client.key}`, 'content-type': 'application/x-protobuf' },
        body: Buffer.from(SubmitJobsRequest.encode(request).finish()),
      });
      const [entry] = SubmitJobsResponse.decode(Buffer.from(await response.arrayBuffer())).jobs;
      return entry!.errors.map(({ path }) => path);
    };
    expect(await ask(acme)).toEqual(['payload.crashes']);
    expect(await ask(operator)).toEqual([]);
  });

  it('in a changed schedule, an edited rerun and an edited redrive', async () => {
    const schedule = await post('/v1/schedules', { name: 't', cron: '0 4 * * *', time_zone: 'UTC', ...harmless });
    const path = `/v1/schedules/${schedule.body.id}`;
    const change = await acme.send(path, { method: 'PATCH', body: { payload: crashing.payload } });
    expect(faults(change)).toEqual([400, [['payload.crashes', true]]]);
    const done = await acme.probe({ text: 'x' });
    await acme.finished(done);
    const rerun = await post(`/v1/jobs/${done}/rerun`, { payload: crashing.payload });
    expect(faults(rerun)).toEqual([400, [['payload.crashes', true]]]);
    const dead = await acme.probe({ failures: 9, failure_code: 'ERROR_CODE_INVALID_INPUT' });
    await acme.finished(dead);
    const redrive = await post(`/v1/jobs/${dead}/redrive`, { payload: crashing.payload });
    expect(faults(redrive)).toEqual([400, [['payload.crashes', true]]]);
  });
});

it('what was accepted before there was this rule is neither run again, redriven nor fired', async () => {
  const payload = Buffer.from(ProbeRequest.encode(ProbeRequest.fromPartial({ crashes: 1 })).finish());
  const dead = await acme.probe({ failures: 9, failure_code: 'ERROR_CODE_INVALID_INPUT' });
  await acme.finished(dead);
  await platform.ledger.query(`update ledger.jobs set payload = $2 where id = $1`, [dead, payload]);
  const named = { status: 409, text: expect.stringMatching(/crashes.*operators/) };
  expect(await post(`/v1/jobs/${dead}/rerun`, {})).toMatchObject(named);
  expect(await post(`/v1/jobs/${dead}/redrive`, {})).toMatchObject(named);
  const { body: schedule } = await post('/v1/schedules', {
    name: 'before',
    cron: '0 4 * * *',
    time_zone: 'UTC',
    ...harmless,
  });
  await platform.ledger.query(`update ledger.schedules set payload = $2 where id = $1`, [schedule.id, payload]);
  const run = await post(`/v1/schedules/${schedule.id}/run`, {});
  expect([run.status, run.text]).toEqual([409, expect.stringMatching(/operators/)]);
});
