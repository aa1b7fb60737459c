import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as forward } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Certificate {
  key: Buffer;
  cert: Buffer;
}

async function selfSigned(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    await run('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', cert]);
    return { key: await readFile(key), cert: await readFile(cert) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface TlsAnswer {
  status: number;
  cookies: string[];
  body: string;
}

/** What stands in front of a gateway in production: it ends TLS and passes on what it gets, streams as they come. */
export class TlsProxy {
  private constructor(
    private readonly server: Server,
    private readonly certificate: Certificate,
  ) {}

  static async start(target: string): Promise<TlsProxy> {
    const certificate = await selfSigned();
    const server = createServer(certificate, (incoming, reply) => {
      const headers = {
        ...incoming.headers,
        'x-forwarded-proto': 'https',
        'x-forwarded-host': incoming.headers.host,
        'x-forwarded-for': incoming.socket.remoteAddress,
      };
      const passed = forward(`${target}${incoming.url}`, { method: incoming.method, headers }, (answer) => {
        reply.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(reply);
      });
      passed.on('error', () => reply.destroy());
      reply.on('close', () => passed.destroy());
      incoming.pipe(passed);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TlsProxy(server, certificate);
  }

  get url(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  send(path: string, options: { method?: string; headers?: Record<string, string>; body?: unknown } = {}) {
    const { method, headers, body } = options;
    return new Promise<TlsAnswer>((resolve, reject) => {
      const sent = request(
        `${this.url}${path}`,
        {
          method,
          ca: this.certificate.cert,
          headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        },
        (answer) => {
          const { statusCode: status = 0, headers: got } = answer;
          text(answer).then((all) => resolve({ status, cookies: got['set-cookie'] ?? [], body: all }), reject);
        },
      );
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
