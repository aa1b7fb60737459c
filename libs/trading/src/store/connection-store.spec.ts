import { migratedSource } from '@roundhouse/testing';
import { randomBytes } from 'node:crypto';
import { ConnectionStore } from './connection-store.js';
import { CredentialCipher } from './credential-cipher.js';
import { createTradingDataSource } from './trading-data-source.js';

const source = migratedSource(createTradingDataSource);

const ada = { tenantId: 'acme', userId: 'ada' };

it('keeps credentials sealed, out of every listing, and readable after a rotation', async () => {
  const key = randomBytes(32);
  const connections = new ConnectionStore(source, new CredentialCipher(key));
  const input = { broker: 'alpaca', name: 'main', settings: { paper: true }, credentials: { secret: 'swordfish' } };
  const created = (await connections.create(ada, input))!;
  expect(await connections.create(ada, input)).toBeUndefined();
  expect(JSON.stringify(await connections.page(ada, { limit: 10 }))).not.toContain('credentials');
  const [{ credentials }] = await source.query('select credentials from trading.connections');
  expect(credentials).not.toContain('swordfish');
  expect(await connections.credentials('acme', created.id)).toEqual({ secret: 'swordfish' });
  expect(await connections.credentials('other', created.id)).toBeUndefined();
  expect(await connections.update('other', created.id, { name: 'stolen' })).toBeUndefined();
  expect(await connections.update('acme', created.id, { credentials: { secret: 'new' } })).toMatchObject({
    name: 'main',
    settings: { paper: true },
  });

  const nextKey = randomBytes(32);
  const rotating = new ConnectionStore(source, new CredentialCipher(nextKey, [key]));
  const stranger = new ConnectionStore(source, new CredentialCipher(randomBytes(32)));
  expect(await stranger.sealAgain()).toEqual({ sealed: 0, unreadable: 1 });
  expect(await rotating.sealAgain()).toEqual({ sealed: 1, unreadable: 0 });
  expect(await rotating.sealAgain()).toEqual({ sealed: 0, unreadable: 0 });
  const rotated = new ConnectionStore(source, new CredentialCipher(nextKey));
  expect(await rotated.credentials('acme', created.id)).toEqual({ secret: 'new' });
  expect([await rotated.remove('other', created.id), await rotated.remove('acme', created.id)]).toEqual([false, true]);
});
