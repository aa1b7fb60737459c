import { applyUsers, brokerRights } from '@roundhouse/rabbitmq';
import type { TestBroker } from '@roundhouse/testing';
import { randomBytes } from 'node:crypto';

export interface BrokerUsers {
  /** Where a service finds the broker, as its own user. */
  urlOf(service: string): string;
  drop(): Promise<void>;
}

/** A user for every service, with its rights in this virtual host alone; users belong to the whole server, so their names are the test's own. */
export async function createBrokerUsers({ vhost, url, managementUrl, manage }: TestBroker): Promise<BrokerUsers> {
  const passwords = Object.fromEntries(
    Object.keys(brokerRights).map((service) => [service, randomBytes(12).toString('hex')]),
  );
  const nameOf = (service: string) => `${vhost}-${service}`;
  const names = await applyUsers({ managementUrl, vhost, passwords, nameOf });
  return {
    urlOf(service) {
      const own = new URL(url);
      Object.assign(own, { username: nameOf(service), password: passwords[service] });
      return own.href;
    },
    async drop() {
      for (const name of names) await manage('DELETE', `/users/${name}`);
    },
  };
}
