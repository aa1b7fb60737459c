import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { cpuProfile, DiagnosticsRefused, heapSnapshot, type Diagnosis } from './diagnostics.js';

const prefix = '/debug/';
const defaultSeconds = 10;
const statusOf = { invalid: 400, busy: 409, too_large: 507 } as const;

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Only from this machine: a port that is open to the network by mistake gives nothing away. */
function isLocal(address: string | undefined): boolean {
  return address !== undefined && /^(::ffff:)?127\.|^::1$/.test(address);
}

function mayAsk({ headers, socket }: IncomingMessage, token: string): boolean {
  const [scheme, given = ''] = (headers.authorization ?? '').split(' ');
  return isLocal(socket.remoteAddress) && scheme === 'Bearer' && timingSafeEqual(hash(given), hash(token));
}

/** Undefined: there is no such diagnosis. */
function diagnose(url: URL): Promise<Diagnosis> | undefined {
  switch (url.pathname.slice(prefix.length)) {
    case 'cpu-profile':
      return cpuProfile(Number(url.searchParams.get('seconds') ?? defaultSeconds));
    case 'heap-snapshot':
      return heapSnapshot();
    default:
      return undefined;
  }
}

export const isDiagnosticsPath = (url: string | undefined): boolean => url?.startsWith(prefix) === true;

/**
 * POST /debug/cpu-profile?seconds=10 and /debug/heap-snapshot, from this machine and with the token as bearer; without one
 * there are no such routes.
 */
export async function answerDiagnostics(
  request: IncomingMessage,
  response: ServerResponse,
  token: string | undefined,
): Promise<void> {
  const refuse = (status: number, reason: string) =>
    void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${reason}\n`);
  if (token === undefined) return refuse(404, 'Diagnostics are off: ROUNDHOUSE_DIAGNOSTICS_TOKEN is not set');
  if (!mayAsk(request, token)) return refuse(403, 'Ask from this machine, with the token as bearer');
  if (request.method !== 'POST') return refuse(405, 'Use POST');
  try {
    const diagnosis = await diagnose(new URL(request.url ?? '/', 'http://localhost'));
    if (!diagnosis) return refuse(404, 'There are cpu-profile and heap-snapshot');
    const { fileName, content } = diagnosis;
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'no-store',
    });
    await pipeline(typeof content === 'string' ? Readable.from([content]) : content, response);
  } catch (error) {
    if (error instanceof DiagnosticsRefused) return refuse(statusOf[error.kind], error.message);
    if (response.headersSent) response.destroy();
    else refuse(500, 'The diagnosis failed');
  }
}
