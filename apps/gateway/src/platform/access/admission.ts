import { Injectable } from '@nestjs/common';
import { allows, ApiKeys, RevokedSessions, type ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type OperationOptions, Problem } from '../http/index.js';
import { csrfHeader, sessionCookie, Sessions, type Session } from './sessions.js';
import { SignedLinks } from './signed-link.js';
import './request.js';

export interface Door {
  scope: OperationOptions['scope'];
  /** A link with a valid token opens it as well. */
  opensBySignedLink: boolean;
}

/** Finds out who asks, and whether he may. */
@Injectable()
export class Admission {
  constructor(
    private readonly keys: ApiKeys,
    private readonly links: SignedLinks,
    private readonly sessions: Sessions,
    private readonly revoked: RevokedSessions,
  ) {}

  /** @throws Problem `unauthenticated` or `forbidden` */
  async admit(request: FastifyRequest, { scope, opensBySignedLink }: Door): Promise<void> {
    if (scope === 'public' || request.identity) return;
    request.identity = opensBySignedLink ? this.bySignedLink(request) : undefined;
    if (request.identity) return;
    const identity = await this.authenticate(request);
    if (scope !== 'any' && !allows(identity.scopes, scope)) {
      throw new Problem(
        'forbidden',
        `This needs an API key with scope ${scope}; yours has ${identity.scopes.join(', ') || 'none'}`,
      );
    }
    request.identity = identity;
  }

  private bySignedLink(request: FastifyRequest): ApiKeyIdentity | undefined {
    const { token } = request.query as { token?: unknown };
    if (typeof token !== 'string') return undefined;
    const [path = ''] = request.url.split('?');
    const tenantId = this.links.tenantOf(path, token);
    if (!tenantId) throw new Problem('unauthenticated', 'This link is not genuine or has expired; ask for a new one');
    return { keyId: 'signed-link', tenantId, name: 'signed link', scopes: [] };
  }

  private async authenticate(request: FastifyRequest): Promise<ApiKeyIdentity> {
    const { authorization } = request.headers;
    if (authorization === undefined && request.cookies[sessionCookie]) return this.bySession(request);
    const [scheme, key] = (authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !key) {
      throw new Problem('unauthenticated', 'Send an API key: Authorization: Bearer rh_…');
    }
    const identity = await this.keys.authenticate(key);
    if (!identity) throw new Problem('unauthenticated', 'The API key is unknown, expired or revoked');
    return identity;
  }

  /** The console's pages: their cookie, and with everything that is not just reading the session's CSRF token. */
  private async bySession(request: FastifyRequest): Promise<ApiKeyIdentity> {
    const session = this.sessions.read(request.cookies[sessionCookie] ?? '');
    if (!session || (await this.revoked.has(session.id)))
      throw new Problem('unauthenticated', 'The session is over: log in again');
    if (!isSafe(request.method)) this.checkOrigin(session, request);
    const identity = await this.keys.identity(session.keyId);
    if (!identity) throw new Problem('unauthenticated', 'The API key of this session has expired or was revoked');
    request.session = session;
    return identity;
  }

  private checkOrigin(session: Session, { headers }: FastifyRequest): void {
    if (!this.sessions.isGenuine(session, headers[csrfHeader])) {
      throw new Problem(
        'forbidden',
        `Requests with a session's cookie repeat its CSRF token in the header ${csrfHeader}`,
      );
    }
  }
}

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** Nothing of a body is read, parsed or stored for somebody who may not ask at all. */
export function admitBeforeBodies(fastify: FastifyInstance, admission: Admission): void {
  fastify.addHook('onRequest', async (request) => {
    const { operation, opensBySignedLink = false } = request.routeOptions.config;
    if (operation) await admission.admit(request, { scope: operation.scope, opensBySignedLink });
  });
}
