import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { catalogue } from '@roundhouse/contracts';
import { guardedUrl } from '@roundhouse/http';
import { JobFailure } from '@roundhouse/jobs';
import { ledgerEventTypes, Webhooks, type ApiKeyIdentity, type Webhook } from '@roundhouse/ledger';
import { SecretCipher } from '@roundhouse/secrets';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { actorOf, Identity } from '../access/index.js';
import { Operation, parse, Problem } from '../http/index.js';
import { WebhookGuard } from './webhook-guard.js';

const eventTypes = (): string[] => [
  ...ledgerEventTypes,
  ...catalogue
    .events()
    .map(({ type }) => type)
    .filter((type) => type !== 'webhook.gone'),
];

const nameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'lower-case letters, digits, ".", "_" and "-"');

const putSchema = z.strictObject({
  url: z.string().min(1).max(2_000).describe('Called with POST; https and a public address'),
  events: z
    .array(z.string())
    .min(1)
    .max(100)
    .describe('job.dead, job.succeeded, job.cancelled, batch.completed and types of domain events'),
  enabled: z.boolean().default(true),
});

const rotateSchema = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .describe('How long messages are signed with the old secret as well')
    .default(3 * 86_400),
});

const webhookSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    url: z.string(),
    events: z.array(z.string()),
    enabled: z.boolean(),
    disabled_reason: z.string().nullable(),
    old_secret_until: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Webhook' });

const withSecret = webhookSchema.extend({
  secret: z.string().optional().describe('whsec_…, shown this once; absent when an existing webhook was changed'),
});

function view(webhook: Webhook): z.input<typeof webhookSchema> {
  const { previous_until: until, ...rest } = webhook;
  return {
    ...rest,
    old_secret_until: until && until > new Date() ? until.toISOString() : null,
    created_at: webhook.created_at.toISOString(),
    updated_at: webhook.updated_at.toISOString(),
  };
}

const missing = (name: string) => new Problem('not_found', `There is no webhook ${name}`);
const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** Where a tenant is told of what; see docs/webhooks.md for the messages. */
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly cipher: SecretCipher,
    private readonly guard: WebhookGuard,
  ) {}

  @Get()
  @Operation({
    summary: 'List webhooks',
    tag: 'webhooks',
    scope: 'admin',
    response: { description: 'All of them', schema: z.object({ webhooks: z.array(webhookSchema) }) },
  })
  async list(@Identity() { tenantId }: ApiKeyIdentity) {
    return { webhooks: (await this.webhooks.list(tenantId)).map(view) };
  }

  @Get(':name')
  @Operation({
    summary: 'Read a webhook',
    tag: 'webhooks',
    scope: 'admin',
    response: { description: 'The webhook', schema: webhookSchema },
  })
  async read(@Param('name') name: string, @Identity() { tenantId }: ApiKeyIdentity) {
    const webhook = await this.webhooks.find(tenantId, name);
    if (!webhook) throw missing(name);
    return view(webhook);
  }

  @Put(':name')
  @Operation({
    summary: 'Create or change a webhook; messages are signed by Standard Webhooks 1.0.0',
    tag: 'webhooks',
    scope: 'admin',
    body: putSchema,
    response: { description: 'The webhook, with its secret if it is new', schema: withSecret },
  })
  async put(@Param('name') rawName: string, @Body() body: unknown, @Identity() identity: ApiKeyIdentity) {
    const { name } = parse(z.object({ name: nameSchema }), { name: rawName }, 'path');
    const request = parse(putSchema, body, 'body');
    this.assertUrl(request.url);
    assertEvents(request.events);
    const { tenantId } = identity;
    const secret = newSecret();
    const seal = this.sealing(tenantId, secret);
    const { webhook, created } = await this.webhooks.put(tenantId, { name, ...request }, seal, actorOf(identity));
    return { ...view(webhook), ...(created && { secret }) };
  }

  @Post(':name/rotate')
  @HttpCode(200)
  @Operation({
    summary: 'Give a webhook a new secret; the old one signs as well for a while',
    tag: 'webhooks',
    scope: 'admin',
    body: rotateSchema,
    response: { description: 'The webhook with its new secret', schema: withSecret },
  })
  async rotate(@Param('name') name: string, @Body() body: unknown, @Identity() identity: ApiKeyIdentity) {
    const { overlap_seconds: overlap } = parse(rotateSchema, body, 'body');
    const { tenantId } = identity;
    const secret = newSecret();
    const seal = this.sealing(tenantId, secret);
    const webhook = await this.webhooks.rotate(tenantId, name, seal, overlap, actorOf(identity));
    if (!webhook) throw missing(name);
    return { ...view(webhook), secret };
  }

  @Delete(':name')
  @HttpCode(204)
  @Operation({
    summary: 'Forget a webhook; messages on their way are still sent',
    tag: 'webhooks',
    scope: 'admin',
    status: 204,
    response: { description: 'It is gone' },
  })
  async remove(@Param('name') name: string, @Identity() identity: ApiKeyIdentity): Promise<void> {
    if (!(await this.webhooks.remove(identity.tenantId, name, actorOf(identity)))) throw missing(name);
  }

  private sealing(tenantId: string, secret: string) {
    return (webhookId: string) => this.cipher.seal([tenantId, webhookId], secret);
  }

  private assertUrl(url: string): void {
    try {
      guardedUrl(url, 'The URL', 'url', this.guard);
    } catch (error) {
      if (!(error instanceof JobFailure)) throw error;
      const errors = [{ path: 'url', message: error.message }];
      throw new Problem('invalid_request', error.message, { errors, cause: error });
    }
  }
}

function assertEvents(events: readonly string[]): void {
  const known = eventTypes();
  const errors = events.flatMap((type, i) =>
    known.includes(type)
      ? []
      : [{ path: `events[${i}]`, message: `there is no event type ${type}; known types are ${known.join(', ')}` }],
  );
  if (errors.length > 0) throw new Problem('invalid_request', 'Unknown event types', { errors });
}
