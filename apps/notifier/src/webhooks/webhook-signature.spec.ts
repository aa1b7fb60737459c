import { signatureHeaders } from './webhook-signature.js';

// The example of the Standard Webhooks reference libraries.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
const now = new Date(1614265330_500);

it('signs as the reference libraries do', () => {
  expect(signatureHeaders(message, [secret], now)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('signs with every secret, separated by a space', () => {
  const other = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
  const [first, second, ...rest] = signatureHeaders(message, [other, secret], now)['webhook-signature'].split(' ');
  expect(rest).toEqual([]);
  expect(first).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  expect(second).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});
