import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { allows, JobReader, StatusLinks, type ApiKeyIdentity, type StatusLink } from '@roundhouse/ledger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { actorOf, Identity } from '../access/index.js';
import { Operation, parse, parseId, Problem } from '../http/index.js';
import { StatusAccess } from './status-access.js';

const requestSchema = z
  .strictObject({
    expires_in_seconds: z
      .number()
      .int()
      .min(60)
      .max(365 * 86_400)
      .optional()
      .describe('How long the link holds; 24 hours unless ROUNDHOUSE_STATUS_LINK_LIFETIME says otherwise'),
    may_cancel: z
      .boolean()
      .default(false)
      .describe('Whether the page has a button that cancels the job; needs the scope jobs:cancel'),
  })
  .meta({ id: 'StatusLinkRequest' });

const linkSchema = z
  .object({
    id: z.uuid(),
    may_cancel: z.boolean(),
    created_by: z.string(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    revoked_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'StatusLink' });
const createdSchema = linkSchema.extend({ url: z.url().describe('The page; whoever has this address may see it') });

const missing = (id: string) => new Problem('not_found', `There is no job ${id}`);

/** Links that show a job to people without an API key. */
@Controller('v1/jobs/:id/status-links')
export class StatusLinksController {
  constructor(
    private readonly access: StatusAccess,
    private readonly links: StatusLinks,
    private readonly jobs: JobReader,
  ) {}

  @Post()
  @HttpCode(201)
  @Operation({
    summary: "Make a link to the job's status page",
    tag: 'jobs',
    scope: 'jobs:write',
    body: requestSchema,
    status: 201,
    response: { description: 'The link; its address is shown only here', schema: createdSchema },
  })
  async create(
    @Param('id') id: string,
    @Body() body: unknown,
    @Identity() identity: ApiKeyIdentity,
    @Req() request: FastifyRequest,
  ) {
    const { expires_in_seconds: seconds, may_cancel: mayCancel } = parse(requestSchema, body, 'body');
    // A link can do no more than whoever makes it.
    if (mayCancel && !allows(identity.scopes, 'jobs:cancel'))
      throw new Problem('forbidden', 'A link that may cancel needs an API key with scope jobs:cancel');
    const lifetimeMs = seconds === undefined ? undefined : seconds * 1000;
    const offered = await this.access.offer(identity, request, parseId(id), { lifetimeMs, mayCancel });
    if (!offered) throw missing(id);
    return { ...view(offered.link), url: offered.url };
  }

  @Get()
  @Operation({
    summary: "List the links to the job's status page",
    tag: 'jobs',
    scope: 'jobs:view',
    response: {
      description: 'Newest first, without their addresses',
      schema: z.object({ links: z.array(linkSchema) }),
    },
  })
  async list(@Param('id') rawId: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const id = parseId(rawId);
    if (!(await this.jobs.stateOf(tenantId, id))) throw missing(id);
    return { links: (await this.links.list(tenantId, id)).map(view) };
  }

  @Delete(':link')
  @HttpCode(204)
  @Operation({
    summary: "Take back a link to the job's status page",
    tag: 'jobs',
    scope: 'jobs:write',
    status: 204,
    response: { description: 'It opens nothing any more; pages that are open close within seconds' },
  })
  async revoke(@Param('id') id: string, @Param('link') link: string, @Identity() identity: ApiKeyIdentity) {
    const revoked = await this.links.revoke(identity.tenantId, parseId(id), parseId(link), actorOf(identity));
    if (!revoked) throw new Problem('not_found', `The job has no status link ${link}`);
  }
}

function view(link: StatusLink): z.input<typeof linkSchema> {
  return {
    id: link.id,
    may_cancel: link.may_cancel,
    created_by: link.created_by,
    created_at: link.created_at.toISOString(),
    expires_at: link.expires_at.toISOString(),
    revoked_at: link.revoked_at?.toISOString() ?? null,
  };
}
