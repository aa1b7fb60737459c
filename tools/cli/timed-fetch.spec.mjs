import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { run } from './command.mjs';
import { answersWell, timedFetch } from './timed-fetch.mjs';

const servers = [];
afterEach(() => servers.splice(0).forEach((server) => (server.closeAllConnections(), server.close())));

async function serve(answer) {
  const server = createServer(answer);
  servers.push(server);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}`;
}

describe('a fetch with a deadline', () => {
  test('brings the answer with its body', async () => {
    const url = await serve((request, response) => response.writeHead(201).end(request.headers['x-a']));
    const answer = await timedFetch(url, { timeoutMs: 10_000, headers: { 'x-a': 'b' } });
    expect(answer).toEqual({ ok: true, status: 201, text: 'b' });
    expect(await answersWell(url, 10_000)).toBe(true);
  });

  test('ends when no answer comes, or not the whole of it', async () => {
    const silent = await serve(() => {});
    await expect(timedFetch(silent, { timeoutMs: 50 })).rejects.toThrow('no answer within 0.05 s');
    const slow = await serve((_, response) => response.writeHead(200, { 'content-length': 9 }).write('half'));
    await expect(timedFetch(slow, { timeoutMs: 50 })).rejects.toThrow();
    expect(await answersWell(slow, 50)).toBe(false);
  });

  test('keeps the process alive until its deadline when the fetch itself does not, and never settles', async () => {
    const script = `globalThis.fetch = () => new Promise(() => {});
      const { timedFetch } = await import(${JSON.stringify(new URL('./timed-fetch.mjs', import.meta.url).href)});
      await timedFetch('http://127.0.0.1:1', { timeoutMs: 100 }).catch((error) => console.log(error.message));`;
    const { code, stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { timeoutMs: 60_000 });
    expect([code, stdout.trim()]).toEqual([0, 'no answer within 0.1 s']);
  });

  test('does not hold up a process whose answer has come', async () => {
    const url = await serve((_, response) => response.end('ok'));
    const script = `const { timedFetch } = await import(${JSON.stringify(new URL('./timed-fetch.mjs', import.meta.url).href)});
      console.log((await timedFetch('${url}', { timeoutMs: 3_600_000 })).text);`;
    const { code, stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { timeoutMs: 60_000 });
    expect([code, stdout.trim()]).toEqual([0, 'ok']);
  });
});
