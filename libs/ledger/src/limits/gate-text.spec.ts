import { bucketText, limitText, pauseText } from './gate-text.js';

it('names a concurrency limit by its group and the fields of its rule', () => {
  expect(limitText('probe_key|acme|["k"]')).toBe('probe_key for key k');
  expect(limitText('probe_key|acme|[""]')).toBe('probe_key for key ""');
  expect(limitText(`probe_key|acme|["${'x'.repeat(70)}"]`)).toBe(`probe_key for key ${'x'.repeat(60)}…`);
  expect(limitText('group|*|')).toBe('group (all tenants together)');
  expect(limitText('group|acme|[7,"a|b"]')).toBe('group for 7, a|b');
  expect(limitText('group|acme|older')).toBe('group for older');
});

it('names buckets and pauses without their owner', () => {
  expect(bucketText('provider|acme')).toBe('provider');
  expect(bucketText('provider|*')).toBe('provider (all tenants together)');
  expect(pauseText('queue:probes:acme')).toBe('queue probes');
  expect(pauseText('kind:a:b:*')).toBe('kind a:b');
});
