import { expect, test } from '@jest/globals';
import { exportLines, givenUrls, serviceVariables, withoutOwn } from './environment.mjs';

test('an empty variable counts as not set', () => {
  expect(givenUrls({ ROUNDHOUSE_ADMIN_DATABASE_URL: '', ROUNDHOUSE_AMQP_URL: 'amqp://a' })).toEqual({
    rabbitmq: 'amqp://a',
  });
});

test("our own instances' URLs are not somebody else's servers", () => {
  const urls = { postgres: 'postgres://own', rabbitmq: 'amqp://theirs' };
  expect(withoutOwn(urls, ['postgres://own', 'amqp://own'])).toEqual({
    postgres: undefined,
    rabbitmq: 'amqp://theirs',
  });
});

test('the printed lines survive a shell', () => {
  expect(exportLines({ A: "it's" })).toEqual(["export A='it'\\''s'"]);
});

test('the same instances serve the commands and the tests', () => {
  const variables = serviceVariables({ postgres: { url: 'p' }, rabbitmq: { url: 'a', management_url: 'm' } });
  expect(variables).toMatchObject({
    ROUNDHOUSE_AMQP_URL: 'a',
    ROUNDHOUSE_TEST_AMQP_URL: 'a',
    ROUNDHOUSE_TEST_RABBITMQ_MANAGEMENT_URL: 'm',
  });
});
