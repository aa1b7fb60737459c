import { randomBytes } from 'node:crypto';
import { testEnvironment } from './test-environment.js';

export interface TestBroker {
  readonly vhost: string;
  /** amqp://user:password@host:port/vhost */
  readonly url: string;
  /** The management API, with user and password, as it was given. */
  readonly managementUrl: string;
  /** Calls the management API; `path` starts after /api, `{vhost}` in it is replaced. Gives the decoded answer, if any. */
  manage<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  drop(): Promise<void>;
}

/** One call of the management API. @throws Error with the status and what the broker answered */
async function call(base: URL, method: string, path: string, body?: unknown): Promise<unknown> {
  const target = new URL(base.href);
  const user = decodeURIComponent(target.username);
  const authorization = `Basic ${Buffer.from(`${user}:${decodeURIComponent(target.password)}`).toString('base64')}`;
  target.username = '';
  target.password = '';
  const response = await fetch(`${target.origin}${target.pathname.replace(/\/$/, '')}/api${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`RabbitMQ answered ${response.status} to ${method} ${path}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/**
 * A virtual host of its own. ROUNDHOUSE_TEST_RABBITMQ_MANAGEMENT_URL is http://user:password@host:port with the right to make
 * virtual hosts; ROUNDHOUSE_TEST_AMQP_URL says where AMQP is spoken (its user is used when it has one).
 */
export async function createTestBroker(): Promise<TestBroker> {
  const managementUrl = testEnvironment('ROUNDHOUSE_TEST_RABBITMQ_MANAGEMENT_URL');
  const management = new URL(managementUrl);
  const amqp = new URL(testEnvironment('ROUNDHOUSE_TEST_AMQP_URL'));
  if (amqp.username === '') {
    amqp.username = management.username;
    amqp.password = management.password;
  }
  const vhost = `rh-test-${process.pid}-${randomBytes(5).toString('hex')}`;
  amqp.pathname = `/${vhost}`;
  const all = { configure: '.*', write: '.*', read: '.*' };
  await call(management, 'PUT', `/vhosts/${vhost}`);
  for (const user of new Set([management.username, amqp.username])) {
    await call(management, 'PUT', `/permissions/${vhost}/${user}`, all);
  }
  return {
    vhost,
    url: amqp.href,
    managementUrl,
    manage: async <T>(method: string, path: string, body?: unknown) =>
      (await call(management, method, path.replaceAll('{vhost}', vhost), body)) as T,
    drop: async () => void (await call(management, 'DELETE', `/vhosts/${vhost}`)),
  };
}
