import { isTraceparent, newTraceparent, traceIdOf } from './traceparent.js';

const example = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('traceparent', () => {
  it('accepts the example of the W3C recommendation', () => {
    expect(isTraceparent(example)).toBe(true);
    expect(traceIdOf(example)).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['upper case', example.toUpperCase()],
    ['a zero trace id', example.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32))],
    ['a zero span id', example.replace('00f067aa0ba902b7', '0'.repeat(16))],
    ['version ff', example.replace(/^00/, 'ff')],
    ['a longer version 00', `${example}-extra`],
    ['a later version without its separator', `${example.replace(/^00/, '01')}x`],
    ['something else', 'x'.repeat(55)],
  ])('refuses %s', (_, value) => {
    expect(isTraceparent(value)).toBe(false);
    expect(traceIdOf(value)).toBeUndefined();
  });

  it('accepts a later version with more fields', () => {
    expect(traceIdOf(`${example.replace(/^00/, '01')}-more`)).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it('makes valid, sampled and distinct ones, beyond the size of its pool', () => {
    const made = Array.from({ length: 2000 }, newTraceparent);
    expect(made.every(isTraceparent)).toBe(true);
    expect(made.every((traceparent) => traceparent.endsWith('-01'))).toBe(true);
    expect(new Set(made.map(traceIdOf)).size).toBe(made.length);
  });
});
