import { Body, Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiKeys, RevokedSessions, type ApiKeyIdentity } from '@roundhouse/ledger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Identity } from './auth.guard.js';
import { LoginAttempts } from './login-attempts.js';
import { Operation, parse, Problem } from '../http/index.js';
import './request.js';
import { sessionCookie, Sessions, type Session } from './sessions.js';

/** A working day and a bit; a session ends earlier with its key. */
const validSeconds = 12 * 3600;

const loginSchema = z
  .strictObject({ api_key: z.string('is required: an API key, rh_…').max(200) })
  .meta({ id: 'LoginRequest' });

const sessionSchema = z
  .object({
    tenant: z.string(),
    key_id: z.string(),
    name: z.string().describe('Name of the API key'),
    scopes: z.array(z.string()),
    csrf_token: z.string().describe('Goes into the header x-csrf-token of everything but GET'),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'Session' });

function view({ tenantId, keyId, name, scopes }: ApiKeyIdentity, session: Session): z.input<typeof sessionSchema> {
  return {
    tenant: tenantId,
    key_id: keyId,
    name,
    scopes,
    csrf_token: session.csrfToken,
    expires_at: new Date(session.expiresAt).toISOString(),
  };
}

@Controller('v1/session')
export class SessionController {
  constructor(
    private readonly keys: ApiKeys,
    private readonly sessions: Sessions,
    private readonly revoked: RevokedSessions,
    private readonly attempts: LoginAttempts,
  ) {}

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Log in to the console with an API key',
    tag: 'console',
    scope: 'public',
    body: loginSchema,
    status: 201,
    response: { description: 'A session, in an HttpOnly cookie with SameSite=Strict', schema: sessionSchema },
  })
  async logIn(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.input<typeof sessionSchema>> {
    const { api_key: key } = parse(loginSchema, body, 'body');
    const identity = await this.identify(key, request.ip);
    const token = this.sessions.issue(identity.keyId, validSeconds);
    void reply.setCookie(sessionCookie, token, { ...cookieOptions(request), maxAge: validSeconds });
    return view(identity, this.sessions.read(token) as Session);
  }

  /** Keys are long enough not to be guessed; who tries all the same costs a look into the database each time. */
  private async identify(key: string, address: string): Promise<ApiKeyIdentity> {
    const retryAfterSeconds = this.attempts.waitSeconds(address);
    if (retryAfterSeconds > 0) {
      throw new Problem('too_many_requests', 'Too many wrong logins from this address', { retryAfterSeconds });
    }
    const identity = await this.keys.authenticate(key.trim());
    if (identity) return identity;
    this.attempts.failed(address);
    throw new Problem('unauthenticated', 'The API key is unknown, expired or revoked');
  }

  @Get()
  @Operation({
    summary: 'Whose session this is, and its CSRF token',
    tag: 'console',
    scope: 'any',
    response: { description: 'The session of the cookie', schema: sessionSchema },
  })
  current(@Identity() identity: ApiKeyIdentity, @Req() { session }: FastifyRequest): z.input<typeof sessionSchema> {
    if (!session) throw new Problem('unauthenticated', 'An API key alone is no session: log in');
    return view(identity, session);
  }

  @Delete()
  @HttpCode(204)
  @Operation({
    summary: 'Log out',
    tag: 'console',
    scope: 'any',
    status: 204,
    response: { description: 'The session is over, also for a copy of its cookie; its streams end' },
  })
  async logOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { session } = request;
    if (session) await this.revoked.revoke(session.id, new Date(session.expiresAt));
    void reply.clearCookie(sessionCookie, cookieOptions(request));
  }
}

/** What came encrypted, if only as far as a trusted proxy, must not go out otherwise. */
function cookieOptions({ protocol }: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: protocol === 'https' } as const;
}
