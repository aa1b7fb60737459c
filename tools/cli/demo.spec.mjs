import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { field, importedRows, lastClose } from './demo.mjs';
import { problem, Rest } from './rest.mjs';

describe('what the demo reads from answers', () => {
  test('a field by either of its JSON names; zero is left out of proto JSON', () => {
    expect(field({ digestId: 'd' }, 'digest_id')).toBe('d');
    expect(field({ digest_id: 'd' }, 'digest_id')).toBe('d');
    expect(field(undefined, 'digest_id')).toBeUndefined();
    expect(importedRows({ fetched: 9, failed: 2, stored: 7 })).toBe(7);
    expect(importedRows({ fetched: 9 })).toBe(9);
    expect(importedRows({})).toBe(0);
  });

  test('the week of the newest exit', () => {
    const trips = [{ closed_at: '2026-06-26T19:00:00Z' }, { closed_at: '2026-05-01T19:00:00Z' }, {}];
    expect(lastClose(trips)).toBe('2026-06-26');
    expect(() => lastClose([{}])).toThrow('when it was closed');
  });

  test('a problem in one line', () => {
    const document = {
      title: 'Not valid',
      code: 'invalid_request',
      detail: 'Two fields are wrong',
      errors: [{ path: 'user_id', message: 'is empty' }],
    };
    expect(problem(JSON.stringify(document))).toBe('invalid_request; Two fields are wrong; user_id: is empty');
    expect(problem('<html>')).toBe('<html>');
  });
});

describe('waiting for a job', () => {
  let server;
  let rest;
  let answers;
  beforeEach(async () => {
    server = createServer((request, response) => {
      const [status, body] = answers.length > 1 ? answers.shift() : answers[0];
      response.writeHead(request.headers.authorization === 'Bearer key' ? status : 401).end(JSON.stringify(body));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    rest = new Rest(`http://127.0.0.1:${server.address().port}`, 'key');
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  test('ends with its success', async () => {
    answers = [
      [200, { state: 'queued' }],
      [200, { state: 'running', progress: { percent: 50 } }],
      [200, { state: 'succeeded', result: { trades: 3 } }],
    ];
    const seen = [];
    const job = await rest.finished('j', ({ state }) => seen.push(state));
    expect(job.result).toEqual({ trades: 3 });
    expect(seen).toEqual(['queued', 'running', 'succeeded']);
  });

  test('fails with the reason of a dead job, and of a refused request', async () => {
    answers = [
      [
        200,
        { kind: 'trading.import_trades', state: 'dead', error: { code: 'invalid_input', message: 'row 3: price' } },
      ],
    ];
    await expect(rest.finished('j')).rejects.toThrow(
      'The job j (trading.import_trades) is dead: invalid_input: row 3: price',
    );
    answers = [[404, { code: 'not_found', detail: 'There is no job j' }]];
    await expect(rest.finished('j')).rejects.toThrow(
      'GET /v1/jobs/j was answered with 404: not_found; There is no job j',
    );
  });
});
