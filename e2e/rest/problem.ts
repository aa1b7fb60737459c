import type { Answer } from '../platform/client.js';

/** An answer of RFC 9457 with this status and code, and with nothing of the inside in it. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, type: answer.headers.get('content-type'), text: answer.text }).toMatchObject({
    status,
    type: expect.stringContaining('application/problem+json'),
  });
  expect(answer.body).toMatchObject({
    code,
    status,
    type: `urn:roundhouse:problem:${code}`,
    title: expect.any(String),
    detail: expect.any(String),
  });
  // No stack, no SQL, no file, no library.
  expect(answer.text).not.toMatch(
    /at \w+ \(|\.ts:\d|\.js:\d|select |insert |ledger\.|node_modules|QueryFailed|typeorm|FST_/i,
  );
}

/** What the problem says is wrong in the request. */
export const faultyPaths = (answer: Answer): string[] =>
  (answer.body.errors ?? []).map((error: { path: string }) => error.path);
