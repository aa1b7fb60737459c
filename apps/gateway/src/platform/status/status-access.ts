import { Injectable } from '@nestjs/common';
import { allows, StatusLinks, type ApiKeyIdentity, type StatusLink } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { actorOf } from '../access/index.js';
import { Problem } from '../http/index.js';
import type { StatusConfig } from './status-config.js';
import { StatusTokens } from './status-token.js';

export interface OfferedLink {
  link: StatusLink;
  /** Address of the page. */
  url: string;
}

/** Gives out status links, and says whom one that comes back lets in. */
@Injectable()
export class StatusAccess {
  constructor(
    private readonly links: StatusLinks,
    private readonly tokens: StatusTokens,
    private readonly config: StatusConfig,
  ) {}

  /**
   * @param lifetimeMs default: ROUNDHOUSE_STATUS_LINK_LIFETIME
   * @returns undefined: the tenant has no such job
   */
  async offer(
    identity: ApiKeyIdentity,
    request: FastifyRequest,
    jobId: string,
    { lifetimeMs = this.config.statusLinkLifetime, mayCancel = false } = {},
  ): Promise<OfferedLink | undefined> {
    // Whole seconds: that is what the token can say.
    const expiresAt = new Date(Math.ceil((Date.now() + lifetimeMs) / 1000) * 1000);
    const link = await this.links.create(identity.tenantId, { jobId, expiresAt, mayCancel }, actorOf(identity));
    return link && { link, url: this.urlOf(link, request) };
  }

  /** What an upload's answer says of its job's status page. The page cancels if the key that uploads could. */
  async inAnswer(identity: ApiKeyIdentity, request: FastifyRequest, jobId: string) {
    const mayCancel = allows(identity.scopes, 'jobs:cancel');
    const offered = await this.offer(identity, request, jobId, { mayCancel });
    if (!offered) return {};
    return { status_url: offered.url, status_expires_at: offered.link.expires_at.toISOString() };
  }

  urlOf({ id, expires_at: expiresAt }: StatusLink, request: FastifyRequest): string {
    const base = this.config.publicUrl ?? `${request.protocol}://${request.host}`;
    const token = this.tokens.sign({ linkId: id, expires: Math.floor(expiresAt.getTime() / 1000) });
    return `${base.replace(/\/$/, '')}/status/${token}`;
  }

  /** The link behind a token; a problem says for people why there is none. */
  async open(token: string): Promise<StatusLink> {
    const content = this.tokens.read(token);
    if (!content) throw new Problem('not_found', 'This link is not complete, or not one of ours. Is all of it there?');
    const link = content.expires * 1000 > Date.now() ? await this.links.find(content.linkId) : undefined;
    if (!link || link.expires_at <= new Date()) {
      throw new Problem('gone', 'This link has expired. Ask whoever sent it to you for a new one.');
    }
    if (link.revoked_at) {
      throw new Problem('gone', 'This link was taken back. Ask whoever sent it to you for a new one.');
    }
    return link;
  }
}
