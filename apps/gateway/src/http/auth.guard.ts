import { createParamDecorator, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiKeys, type ApiKeyIdentity, type ApiKeyScope } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';
import { SignedLinks } from './signed-link.js';
import './request.js';

const publicMetadata = 'roundhouse:public';
const scopeMetadata = 'roundhouse:scope';

/** The route needs no API key. */
export const Public = () => SetMetadata(publicMetadata, true);
/** The key needs this scope (or `admin`). */
export const Scope = (scope: ApiKeyScope) => SetMetadata(scopeMetadata, scope);

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
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(publicMetadata, targets)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.identity = this.bySignedLink(request, context);
    if (request.identity) return true;
    request.identity = await this.authenticate(request);
    const scope = this.reflector.getAllAndOverride<ApiKeyScope>(scopeMetadata, targets) ?? 'admin';
    const { scopes } = request.identity;
    if (!scopes.includes(scope) && !scopes.includes('admin')) {
      throw new Problem(
        'forbidden',
        `This needs an API key with scope ${scope}; yours has ${scopes.join(', ') || 'none'}`,
      );
    }
    return true;
  }

  private bySignedLink(request: FastifyRequest, context: ExecutionContext): ApiKeyIdentity | undefined {
    if (!this.reflector.getAllAndOverride<boolean>(signedLinkMetadata, [context.getHandler()])) return undefined;
    const { token } = request.query as { token?: unknown };
    if (typeof token !== 'string') return undefined;
    const [path = ''] = request.url.split('?');
    const tenantId = this.links.tenantOf(path, token);
    if (!tenantId) throw new Problem('unauthenticated', 'This link is not genuine or has expired; ask for a new one');
    return { keyId: 'signed-link', tenantId, name: 'signed link', scopes: [] };
  }

  private async authenticate({ headers }: FastifyRequest): Promise<ApiKeyIdentity> {
    const [scheme, key] = (headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !key) {
      throw new Problem('unauthenticated', 'Send an API key: Authorization: Bearer rh_…');
    }
    const identity = await this.keys.authenticate(key);
    if (!identity) throw new Problem('unauthenticated', 'The API key is unknown, expired or revoked');
    return identity;
  }
}
