import { ROOT_CONTEXT } from '@opentelemetry/api';
import { extract, inject } from './propagation.js';
import { newTraceparent } from './traceparent.js';

describe('propagation without tracing', () => {
  it('hands a traceparent on unchanged, whatever its flags', () => {
    for (const flags of ['00', '01', '03', 'ff']) {
      const traceparent = newTraceparent().slice(0, -2) + flags;
      expect(inject(extract(traceparent))).toBe(traceparent);
    }
  });

  it('has nothing to hand on outside a trace', () => {
    expect(inject()).toBe('');
    expect(inject(ROOT_CONTEXT)).toBe('');
  });

  it('ignores what is absent or malformed', () => {
    for (const bad of [undefined, '', 'garbage', '00-0-0-01']) expect(extract(bad)).toBe(ROOT_CONTEXT);
  });
});
