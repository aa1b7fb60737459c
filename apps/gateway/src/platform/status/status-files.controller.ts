import { Controller, Get, Param, Res } from '@nestjs/common';
import { JobFailure } from '@roundhouse/jobs';
import { readSharedJob } from '@roundhouse/ledger';
import type { FileStorage } from '@roundhouse/storage';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { Operation, Problem } from '../http/index.js';
import { SignedLinks } from '../access/index.js';
import { StoredFiles } from '../files/index.js';
import { statusHeaders } from './page-headers.js';
import { StatusAccess } from './status-access.js';
import { resultForPeople } from './status-feed.js';

// Enough to follow a redirect and to reload the page a few times.
const linkSeconds = 3_600;

/** What the result of a shared job offers for download. */
@Controller('status')
export class StatusFilesController {
  constructor(
    private readonly access: StatusAccess,
    private readonly dataSource: DataSource,
    @StoredFiles() private readonly storage: FileStorage,
    private readonly signedLinks: SignedLinks,
  ) {}

  @Get(':token/files/:name')
  @Operation({
    summary: 'Download what the result of the job offers',
    tag: 'status page',
    scope: 'public',
    response: { description: 'The file, or a redirect (303) to a page of the gateway', contentType: '*/*' },
  })
  async file(@Param('token') token: string, @Param('name') name: string, @Res() reply: FastifyReply): Promise<void> {
    const { tenant_id: tenantId, job_id: jobId } = await this.access.open(token);
    const job = await readSharedJob(this.dataSource, tenantId, jobId);
    const download = job && resultForPeople(job).downloads.find(({ field }) => field === name);
    if (!download) throw new Problem('not_found', 'There is nothing of this name to download');
    void reply.headers(statusHeaders);
    if (download.type === 'route') {
      return void reply.redirect(this.signedLinks.sign(download.path, tenantId, linkSeconds), 303);
    }
    const { storageKey, fileName, contentType } = download;
    const content = await this.storage.open(storageKey).catch((error: unknown) => {
      if (error instanceof JobFailure && error.code === 'NOT_FOUND')
        throw new Problem('gone', 'The file is not kept any more', { cause: error });
      throw error;
    });
    const facts = await this.storage.stat(storageKey);
    void reply.header('content-type', contentType).header('content-disposition', disposition(fileName));
    if (facts) void reply.header('content-length', facts.bytes);
    await reply.send(content);
  }
}

/** RFC 6266: plain letters for old clients, the real name for the others. */
function disposition(fileName: string): string {
  const name = fileName.replace(/[\u0000-\u001f\u007f/\\]/g, '_').slice(0, 150) || 'file';
  const plain = name.replace(/[^\w .()-]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
