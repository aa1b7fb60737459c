import { createParamDecorator, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { operationMetadata, type OperationOptions, Problem, routeConfig } from '../http/index.js';
import { Admission } from './admission.js';
import './request.js';

/** A link with a valid token opens the route as well, read-only, for the tenant who signed it. */
export const OpenBySignedLink = (): MethodDecorator =>
  routeConfig({ opensBySignedLink: true, furtherQuery: ['token'] });

/** The authenticated caller. */
export const Identity = createParamDecorator((_: unknown, context: ExecutionContext): ApiKeyIdentity => {
  const { identity } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!identity) throw new Problem('unauthenticated', 'Send an API key: Authorization: Bearer rh_…');
  return identity;
});

/** Whoever reaches a handler has been admitted before his body was read; a route that says nothing of itself is kept shut here. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly admission: Admission,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get<OperationOptions | undefined>(operationMetadata, context.getHandler());
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    // A route that does not say is for nobody but administrators.
    await this.admission.admit(request, { scope: operation?.scope ?? 'admin', opensBySignedLink: false });
    return true;
  }
}
