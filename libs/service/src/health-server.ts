import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METRICS_CONTENT_TYPE, redactText, renderMetrics } from '@roundhouse/telemetry';
import { answerDiagnostics, isDiagnosticsPath } from './diagnostics-route.js';
import type { HealthChecks } from './health-checks.js';

export interface HealthServerOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  service: string;
  version: string;
  checks: HealthChecks;
  /** It stands in for a server that is about to open on this port: whatever else is asked is answered with 503. */
  standsIn?: boolean;
  /** Opens the routes of diagnostics to this machine; without it there are none. */
  diagnosticsToken?: string;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  body: `${redactText(JSON.stringify(body))}\n`,
});

const starting = json(503, { status: 'starting' });

async function answer(path: string, { service, version, checks, standsIn }: HealthServerOptions): Promise<Answer> {
  switch (path) {
    case '/healthz':
      return json(200, { status: 'ok', service, version, uptime_seconds: Math.round(process.uptime()) });
    case '/readyz': {
      const { status, checks: results } = await checks.readiness();
      return json(status === 'not_ready' ? 503 : 200, { status, service, version, checks: results });
    }
    case '/metrics':
      // Names of tenants are in there: not for whoever reaches the port that it stands in for.
      if (standsIn) return starting;
      return { status: 200, type: METRICS_CONTENT_TYPE, body: await renderMetrics() };
    default:
      if (standsIn) return starting;
      return json(404, { status: 'not_found', paths: ['/healthz', '/readyz', '/metrics'] });
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthServerOptions,
): Promise<void> {
  if (isDiagnosticsPath(request.url)) return answerDiagnostics(request, response, options.diagnosticsToken);
  let result: Answer;
  if (request.method !== 'GET' && request.method !== 'HEAD')
    result = options.standsIn ? starting : json(405, { status: 'method_not_allowed' });
  else {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    result = await answer(path, options).catch(() => json(500, { status: 'error' }));
  }
  response.writeHead(result.status, { 'content-type': result.type, 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : result.body);
}

/** GET /healthz (the process answers), /readyz (200 when it takes work, `degraded` included; else 503; with the reasons), /metrics (Prometheus text). */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => void respond(request, response, options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
