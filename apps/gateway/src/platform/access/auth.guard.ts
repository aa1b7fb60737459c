import { createParamDecorator, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { allows, ApiKeys, RevokedSessions, type ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { csrfHeader, sessionCookie, Sessions, type Session } from './sessions.js';
import { operationMetadata, type OperationOptions, Problem } from '../http/index.js';
import { SignedLinks } from './signed-link.js';
import './request.js';

const signedLinkMetadata = 'roundhouse:signed-link';
/** A link with a valid token opens the route as well, read-only, for the tenant who signed it. */
export const OpenBySignedLink = () => SetMetadata(signedLinkMetadata, true);

/** The authenticated caller. */
export const Identity = createParamDecorator((_: unknown, context: ExecutionContext): ApiKeyIdentity => {
  const { identity } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!identity) throw new Problem('unauthenticated', 'Send an API key: Authorization: Bearer rh_…');
  return identity;
});

@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly keys: ApiKeys,
    private readonly reflector: Reflector,
    private readonly links: SignedLinks,
    private readonly sessions: Sessions,
    private readonly revoked: RevokedSessions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const scope = this.scopeOf(context);
    if (scope === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.identity = this.bySignedLink(request, context);
    if (request.identity) return true;
    request.identity = await this.authenticate(request);
    const { scopes } = request.identity;
    if (scope !== 'any' && !allows(scopes, scope)) {
      throw new Problem(
        'forbidden',
        `This needs an API key with scope ${scope}; yours has ${scopes.join(', ') || 'none'}`,
      );
    }
    return true;
  }

  /** A route that does not say is for nobody but administrators. */
  private scopeOf(context: ExecutionContext): OperationOptions['scope'] {
    const operation = this.reflector.get<OperationOptions | undefined>(operationMetadata, context.getHandler());
    return operation?.scope ?? 'admin';
  }

  private bySignedLink(request: FastifyRequest, context: ExecutionContext): ApiKeyIdentity | undefined {
    if (!this.reflector.get<boolean | undefined>(signedLinkMetadata, context.getHandler())) return undefined;
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
