import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Operation, Problem } from '../http/index.js';

// Beside src/ and dist/ alike.
const folder = new URL('../../../assets/', import.meta.url);
const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };

interface Asset {
  /** Has the hash of the content in it, so that a browser may keep it for ever. */
  name: string;
  type: string;
  content: string;
}

function read(ending: keyof typeof types): Asset {
  const content = readFileSync(new URL(`status.${ending}`, folder), 'utf8');
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { name: `status-${hash}.${ending}`, type: types[ending], content };
}

/** Script and style of the status page. */
export class StatusAssets {
  private readonly js = read('js');
  private readonly css = read('css');
  readonly scriptPath = `/status-assets/${this.js.name}`;
  readonly stylePath = `/status-assets/${this.css.name}`;

  find(name: string): Asset | undefined {
    return [this.js, this.css].find((asset) => asset.name === name);
  }
}

@Controller('status-assets')
export class StatusAssetsController {
  constructor(private readonly assets: StatusAssets) {}

  @Get(':name')
  @Operation({
    summary: 'Script and style of the status page',
    tag: 'status page',
    scope: 'public',
    response: { description: 'The file', contentType: '*/*' },
  })
  async asset(@Param('name') name: string, @Res() reply: FastifyReply): Promise<void> {
    const asset = this.assets.find(name);
    if (!asset) throw new Problem('not_found', 'There is no such file; reload the page');
    await reply
      .headers({ 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' })
      .type(asset.type)
      .send(asset.content);
  }
}
