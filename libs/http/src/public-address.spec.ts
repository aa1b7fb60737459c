import { JobFailure } from '@roundhouse/jobs';
import { isPublicAddress, publicLookup } from './public-address.js';

describe('public addresses', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '192.0.0.192',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:168.63.129.16',
    '64:ff9b::a9fe:a9fe',
    'fd00:ec2::254',
    'fe80::1',
    'fec0::1',
    '2002:7f00:1::',
    '2001:db8::1',
    'ff02::1',
    'localhost',
    '',
  ])('refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('lets %s through', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it('refuses a name that leads to a private address', async () => {
    const error = await new Promise((resolve) => publicLookup('localhost', { all: true }, resolve));
    expect(error).toBeInstanceOf(JobFailure);
    expect(error).toMatchObject({ code: 'INVALID_INPUT', field: 'base_url' });
  });

  it('hands the checked addresses to the socket, one or all', async () => {
    const found = (all: boolean): Promise<unknown[]> =>
      new Promise((resolve) => publicLookup('8.8.8.8', { all }, (...answer) => resolve(answer)));
    expect(await found(true)).toEqual([null, [{ address: '8.8.8.8', family: 4 }]]);
    expect(await found(false)).toEqual([null, '8.8.8.8', 4]);
  });
});
