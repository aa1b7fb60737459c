import { request } from 'node:http';
import type { Answer } from '../platform/client.js';

/** Says that a job of so large a body follows, and hears the answer before sending any of it: a client in mid-write might not. */
export function announceJob(gateway: string, key: string | undefined, bytes: number): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': bytes };
  return new Promise((resolve, reject) => {
    const asked = request(`${gateway}/v1/jobs`, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const answered = new Headers({ 'content-type': String(response.headers['content-type']) });
        resolve({ status: response.statusCode ?? 0, headers: answered, text, body: JSON.parse(text) });
        asked.destroy();
      });
    });
    asked.on('error', reject);
    asked.flushHeaders();
  });
}
