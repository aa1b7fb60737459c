import { Controller, Get } from '@nestjs/common';
import { catalogue } from '@roundhouse/contracts';
import { z } from 'zod';
import { Operation } from '../http/index.js';
import { ConsoleConfig } from './console-config.js';

const settingsSchema = z
  .object({
    version: z.string(),
    trace_url: z.string().nullable().describe('Address of a trace, with `{trace_id}` in it'),
    kinds: z.array(z.object({ kind: z.string(), title: z.string(), queue: z.string() })),
    queues: z.array(z.string()),
  })
  .meta({ id: 'ConsoleSettings' });

@Controller('v1/console/settings')
export class ConsoleSettingsController {
  constructor(private readonly config: ConsoleConfig) {}

  @Get()
  @Operation({
    summary: 'What this installation knows: kinds, queues, where traces are',
    tag: 'console',
    scope: 'any',
    response: { description: 'The settings', schema: settingsSchema },
  })
  read(): z.input<typeof settingsSchema> {
    const { version, traceUrl } = this.config;
    return {
      version,
      trace_url: traceUrl || null,
      kinds: catalogue.kinds().map(({ kind, title, queue }) => ({ kind, title, queue })),
      queues: [...catalogue.queues()],
    };
  }
}
