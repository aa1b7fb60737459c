import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProviderRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** The query string as it was sent, for signatures. */
  rawQuery: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface ProviderAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON; a string is sent as it is. */
  body: unknown;
}

/** What a test's provider answers; it may also write to the response itself (cut it, stall it) and return nothing. */
export type ProviderHandler = (request: ProviderRequest, response: ServerResponse) => ProviderAnswer | undefined;

export interface LocalProvider {
  baseUrl: string;
  /** Every request so far, in order. */
  requests: ProviderRequest[];
  close(): Promise<void>;
}

/** A real HTTP server on a free local port that plays a broker or data provider. */
export async function startLocalProvider(handler: ProviderHandler): Promise<LocalProvider> {
  const requests: ProviderRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const [path = '', rawQuery = ''] = (incoming.url ?? '').split('?');
    const request: ProviderRequest = {
      method: incoming.method ?? '',
      path,
      rawQuery,
      query: new URLSearchParams(rawQuery),
      headers: incoming.headers,
      body: Buffer.concat(parts).toString('utf8'),
    };
    requests.push(request);
    const answer = handler(request, response);
    if (!answer) return;
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
