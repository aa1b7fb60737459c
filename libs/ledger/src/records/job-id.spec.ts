import { validate, version } from 'uuid';
import { newJobId } from './job-id.js';

describe('newJobId', () => {
  it('makes UUIDs of version 7 that carry the time', () => {
    const before = Date.now();
    const id = newJobId();
    expect([validate(id), version(id)]).toEqual([true, 7]);
    expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBeGreaterThanOrEqual(before);
  });

  it('makes ascending ids, also when more are asked for than a millisecond holds', () => {
    const ids = Array.from({ length: 20_000 }, newJobId);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });
});
