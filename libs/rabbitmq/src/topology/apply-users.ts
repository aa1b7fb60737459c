import { brokerRights, brokerUser } from './broker-users.js';
import { exchange } from './topology.js';

export interface BrokerAccounts {
  /** http://administrator:password@host:port */
  managementUrl: string;
  vhost: string;
  /** By service. */
  passwords: Readonly<Record<string, string>>;
  /** @default roundhouse_<service> */
  nameOf?(service: string): string;
}

/**
 * Makes the users of these services, or gives them this password and these rights again; connections that are open stay. AMQP has no words for it, so
 * RabbitMQ's management API is asked. @returns their names
 */
export async function applyUsers(accounts: BrokerAccounts): Promise<string[]> {
  const { managementUrl, passwords, nameOf = brokerUser } = accounts;
  const vhost = encodeURIComponent(accounts.vhost);
  const names: string[] = [];
  for (const [service, password] of Object.entries(passwords)) {
    const rights = brokerRights[service];
    if (!rights) throw new Error(`No rights at the broker are laid down for service ${service}: broker-users.ts`);
    const { configure, write, read, live } = rights;
    const name = nameOf(service);
    // Without a tag it has no access to the management API.
    await put(managementUrl, `/users/${name}`, { password, tags: '' });
    await put(managementUrl, `/permissions/${vhost}/${name}`, { configure, write, read });
    // Where a topic exchange has no rights of its own, every routing key is allowed.
    const keys = live ?? { write: '^$', read: '^$' };
    await put(managementUrl, `/topic-permissions/${vhost}/${name}`, { exchange: exchange.live, ...keys });
    names.push(name);
  }
  return names;
}

const patienceMs = 30_000;

async function put(managementUrl: string, path: string, body: object): Promise<void> {
  const { origin, pathname, username, password } = new URL(managementUrl);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const response = await fetch(`${origin}${pathname.replace(/\/$/, '')}/api${path}`, {
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(patienceMs),
  });
  if (response.ok) return void (await response.arrayBuffer());
  throw new Error(`RabbitMQ answered ${response.status} to PUT ${path}: ${await response.text()}`);
}
