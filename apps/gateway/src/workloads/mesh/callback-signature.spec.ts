import { createHmac } from 'node:crypto';
import { isGenuine } from './callback-signature.js';

const secret = 'a secret of some length, long enough';
const now = Date.UTC(2026, 0, 1);
const body = Buffer.from('{"task_id": "t"}');

function signed(key = secret, at = now) {
  const timestamp = String(Math.floor(at / 1000));
  const mac = createHmac('sha256', key).update(`msg_1.${timestamp}.`).update(body).digest('base64');
  return { id: 'msg_1', timestamp, signature: `v1,${mac}`, body };
}

it('knows its own signatures, also among others', () => {
  const message = signed();
  expect(isGenuine(message, secret, now)).toBe(true);
  expect(isGenuine({ ...message, signature: `v1,AAAA ${message.signature}` }, secret, now)).toBe(true);
  const encoded = `whsec_${Buffer.from(secret).toString('base64')}`;
  expect(isGenuine(message, encoded, now)).toBe(true);
});

it.each([
  ['another secret', signed('another secret of some length')],
  ['another body', { ...signed(), body: Buffer.from('{}') }],
  ['another id', { ...signed(), id: 'msg_2' }],
  ['an old time', signed(secret, now - 301_000)],
  ['a time to come', signed(secret, now + 301_000)],
  ['no signature', { ...signed(), signature: undefined }],
  ['another version', { ...signed(), signature: signed().signature.replace('v1', 'v2') }],
  ['nonsense', { ...signed(), timestamp: 'yesterday' }],
])('refuses %s', (_, message) => {
  expect(isGenuine(message, secret, now)).toBe(false);
});
