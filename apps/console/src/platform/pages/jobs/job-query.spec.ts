import type { JobSummary } from '../../api/index.js';
import { matches, parseJobQuery, queryParameters } from './job-query.js';

const now = Date.UTC(2026, 10, 22, 12);

describe('the qualifier bar', () => {
  it('understands qualifiers, phrases, groups of states, ages and payload fields', () => {
    const query = parseJobQuery(
      'state:failed,running kind:a.b error:"out of memory" after:2h input.user_id:demo 4711',
      now,
    );
    expect(query).toMatchObject({
      states: ['dead', 'running'],
      kind: 'a.b',
      error: 'out of memory',
      after: '2026-11-22T10:00:00.000Z',
      input: ['user_id=demo', '4711'],
      faults: [],
    });
    expect(queryParameters(query)).toMatchObject({ state: 'dead,running', input: ['user_id=demo', '4711'] });
  });

  it.each([
    ['state:gone', 'no state gone'],
    ['after:tomorrow', 'neither a time'],
    ['batch:12', 'is not an id'],
    ['colour:red', 'no qualifier colour:'],
    ['kind:', 'write something behind kind:'],
  ])('says what is wrong with %s', (text, message) => {
    expect(parseJobQuery(text, now).faults).toEqual([{ text, message: expect.stringContaining(message) }]);
  });

  it('knows which new jobs belong to the answer', () => {
    const job = { state: 'queued', kind: 'a.b', queue: 'q', created_at: '2026-11-22T11:00:00.000Z' } as JobSummary;
    expect(matches(parseJobQuery('state:waiting kind:a.b after:2h', now), job)).toBe(true);
    expect(matches(parseJobQuery('state:running', now), job)).toBe(false);
    expect(matches(parseJobQuery('4711', now), job)).toBe(false);
  });
});
