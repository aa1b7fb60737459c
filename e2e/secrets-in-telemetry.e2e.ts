import {
  OtlpReceiver,
  startLocalProvider,
  TcpProxy,
  testEnvironment,
  waitFor,
  type LocalProvider,
} from '@roundhouse/testing';
import { randomBytes } from 'node:crypto';
import type { Client } from './platform/client.js';
import { startPlatform, type Platform } from './platform/platform.js';

/** Everything that must not be told, by a name to find the leak with. */
const canaries = new Map<string, string>();
const canary = (name: string): string => {
  const value = `canary${randomBytes(12).toString('hex')}`;
  canaries.set(name, value);
  return value;
};

let receiver: OtlpReceiver;
let hooks: LocalProvider;
let proxy: TcpProxy;
let platform: Platform;
let acme: Client;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  hooks = await startLocalProvider(() => ({ status: 500, body: 'broken' }));
  proxy = await TcpProxy.before(testEnvironment('ROUNDHOUSE_TEST_AMQP_URL'));
  platform = await startPlatform({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_METRIC_EXPORT_TIMEOUT: '400',
      ROUNDHOUSE_LOG_LEVEL: 'trace',
      ROUNDHOUSE_ALLOW_PRIVATE_WEBHOOKS: 'true',
      ROUNDHOUSE_DIAGNOSTICS_TOKEN: canary('diagnostics token'),
    },
    amqpThrough: (url) => proxy.through(url),
  });
  await platform.launch('notifier');
  acme = await platform.clientWith('admin');
  for (const [name, key] of Object.entries(platform.keys)) canaries.set(name, key);
  canaries.set('API key', acme.key!.split('.')[1]!);
  for (const [name, url] of Object.entries({ ...platform.urls, broker: platform.amqpUrl })) {
    if (typeof url === 'string') canaries.set(`password of ${name}`, new URL(url).password);
  }
});
afterAll(async () => {
  await platform?.stop();
  await proxy?.stop();
  await hooks?.close();
  await receiver?.stop();
});

/** All that left the processes: their output, /metrics, and what was pushed over OTLP. */
async function told(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const [name, service] of platform.processes) {
    texts.set(`log of ${name}`, service.lines.join('\n'));
    texts.set(`metrics of ${name}`, await (await fetch(`${service.healthUrl}/metrics`)).text());
  }
  for (const path of ['/v1/traces', '/v1/metrics', '/v1/logs']) {
    const bodies = receiver.requests.filter((request) => request.path === path).map(({ body }) => body.toString());
    texts.set(`OTLP ${path}`, bodies.join('\n'));
  }
  return texts;
}

const post = (path: string, body: unknown, headers = {}) => acme.send(path, { method: 'POST', body, headers });

it('tells neither secrets nor payloads, whatever goes wrong', async () => {
  const harmless = await acme.probe({ text: canary('payload'), failures: 1, failure_code: 'ERROR_CODE_INTERNAL' });
  const hook = {
    url: `${hooks.baseUrl}/${canary('webhook path')}?key=${canary('webhook query')}`,
    events: ['job.dead'],
  };
  const made = await acme.send('/v1/webhooks/ops', { method: 'PUT', body: hook });
  canaries.set('secret of a webhook', made.body.secret.slice('whsec_'.length));
  const wrongKey = canary('wrong API key');
  await acme.send('/v1/jobs', { headers: { authorization: `Bearer rh_00000000.${wrongKey}` } });
  await acme.send(`/v1/digests/x/page?token=${canary('token of a link')}`);
  await post('/v1/jobs', `{"kind": "platform.probe", "payload": {"text": "${canary('broken JSON')}`);
  await post('/v1/jobs', {
    kind: 'platform.probe',
    payload: { unknown: canary('value of an unknown field'), steps: -1 },
  });
  await post('/v1/jobs', { kind: 'platform.noop' }, { 'idempotency-key': canary('idempotency key') });
  await fetch(`${platform.service('probe').url}/debug/heap-snapshot?token=${canary('token in a query')}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${canary('wrong diagnostics token')}` },
  });
  const link = await post(`/v1/jobs/${harmless}/status-links`, {});
  const token = new URL(link.body.url).pathname.slice('/status/'.length);
  canaries.set('token of a status link', token);
  await acme.send(`/status/${token}`);
  // A fault of the database's: the request's address is logged.
  await platform.ledger.query('alter table ledger.status_links rename to status_links_away');
  expect((await acme.send(`/status/${token}/state`)).status).toBe(500);
  await platform.ledger.query('alter table ledger.status_links_away rename to status_links');
  proxy.cut();
  await acme.finished(harmless);
  const dying = await acme.probe({
    failures: 9,
    failure_code: 'ERROR_CODE_INVALID_INPUT',
    text: canary('dead payload'),
  });
  await acme.finished(dying);
  await waitFor(() => hooks.requests.length > 0, { describe: 'the webhook, which fails' });

  const expected: [string, string][] = [
    ['log of gateway', 'http.failed'],
    ['log of gateway', '/status/[redacted]/state'],
    ['log of probe', harmless],
    ['log of notifier', 'service.started'],
    ['log of scheduler', 'service.started'],
    ['metrics of probe', 'tenant="acme"'],
    ['metrics of gateway', 'roundhouse_jobs_dead_total'],
    ['OTLP /v1/traces', dying],
    ['OTLP /v1/metrics', 'roundhouse_attempts_total'],
    ['OTLP /v1/logs', 'http.failed'],
  ];
  // What is looked for would be found: these are told, and everywhere.
  const seen = await waitFor(
    async () => {
      const texts = await told();
      const missing = expected.filter(([where, text]) => !texts.get(where)?.includes(text));
      if (missing.length > 0) throw new Error(JSON.stringify(missing));
      return texts;
    },
    { describe: 'everything to be told' },
  );
  const leaks = [...seen].flatMap(([where, text]) =>
    [...canaries].filter(([, value]) => text.includes(value)).map(([name]) => `${name} in ${where}`),
  );
  expect(leaks).toEqual([]);
  expect(canaries.size).toBeGreaterThanOrEqual(20);
});

it('sends its logs over OTLP, with severity, service and the fields of the line', async () => {
  const id = await acme.probe({ failures: 9, failure_code: 'ERROR_CODE_INVALID_INPUT' });
  const { trace_id: traceId } = await acme.finished(id);
  interface Logs {
    resourceLogs: {
      resource: { attributes: { key: string; value: { stringValue?: string } }[] };
      scopeLogs: {
        logRecords: {
          severityText: string;
          body: { stringValue: string };
          attributes: { key: string; value: object }[];
        }[];
      }[];
    }[];
  }
  const records = () =>
    (receiver.sentTo('/v1/logs') as Logs[]).flatMap(({ resourceLogs }) =>
      resourceLogs.flatMap(({ resource, scopeLogs }) =>
        scopeLogs.flatMap(({ logRecords }) => logRecords.map((record) => ({ record, resource }))),
      ),
    );
  const found = await waitFor(() => records().find(({ record }) => JSON.stringify(record.attributes).includes(id)), {
    describe: 'a line of the job',
  });
  expect(JSON.stringify(found.resource.attributes)).toContain('"probe"');
  const attributes = JSON.stringify(found.record.attributes);
  for (const field of ['job_id', 'tenant', 'attempt', 'trace_id']) expect(attributes).toContain(`"${field}"`);
  expect(attributes).toContain(traceId);
  expect(found.record.severityText).toMatch(/debug|info|warn|error/);
  expect(found.record.body.stringValue).not.toBe('');
});
