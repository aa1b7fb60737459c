import { Injectable } from '@nestjs/common';
import { ApiKeys, RevokedSessions } from '@roundhouse/ledger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventStream, Problem } from '../http/index.js';
import './request.js';

const lookMs = 10_000;

/** Opens streams, and ends each when the key or session that opened it does: nobody asks again while a stream is open. */
@Injectable()
export class StreamAccess {
  constructor(
    private readonly keys: ApiKeys,
    private readonly revoked: RevokedSessions,
  ) {}

  /** @param type what it tells of, for the metric */
  open(request: FastifyRequest, reply: FastifyReply, type: string): EventStream {
    const { identity } = request;
    if (!identity) throw new Problem('unauthenticated', 'Send an API key: Authorization: Bearer rh_…');
    const stream = EventStream.start(reply, type);
    const look = async () => {
      if (!(await this.holds(identity.keyId, request))) stream.end();
    };
    // A database that is away ends no stream.
    const timer = setInterval(() => void look().catch(() => undefined), lookMs);
    stream.onClose(() => clearInterval(timer));
    return stream;
  }

  private async holds(keyId: string, { session }: FastifyRequest): Promise<boolean> {
    if (session && (Date.now() >= session.expiresAt || (await this.revoked.has(session.id)))) return false;
    return (await this.keys.identity(keyId)) !== undefined;
  }
}
