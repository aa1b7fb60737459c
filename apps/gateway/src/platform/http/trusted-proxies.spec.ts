import { trustedProxies } from './trusted-proxies.js';

const schema = trustedProxies();

it('takes addresses, networks and names; by default proxies of this machine and of private networks', () => {
  expect(schema.parse(undefined)).toEqual(['loopback', 'linklocal', 'uniquelocal']);
  expect(schema.parse('10.1.0.0/16, ::1,loopback')).toEqual(['10.1.0.0/16', '::1', 'loopback']);
  expect(schema.parse('none')).toEqual([]);
});

it.each(['everybody', '10.0.0.0/33', '10.0.0', '::1/129', '10.0.0.0/8/8', '10.0.0.0/', 'none, loopback'])(
  'refuses %s and says what is expected',
  (text) => {
    const { error } = schema.safeParse(text);
    expect(error?.issues[0]?.message).toContain('networks such as 10.0.0.0/8');
  },
);
