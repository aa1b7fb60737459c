import { Injectable } from '@nestjs/common';
import { JobReader } from '@roundhouse/ledger';
import type { Page, RunStatus } from '@roundhouse/spreadsheets';
import { SignedLinks } from '../../platform/access/index.js';
import type { JobSide } from './run-status.js';

interface Run {
  id: string;
  status: RunStatus;
  expiresAt: Date;
}

/** What imports and exports have in common for those who ask about them. */
@Injectable()
export class SheetRuns {
  constructor(
    private readonly reader: JobReader,
    private readonly links: SignedLinks,
  ) {}

  /** What the job of an open run says; undefined when the run itself has said its last word. */
  async jobSide(tenantId: string, { id, status }: Run): Promise<JobSide | undefined> {
    if (status !== 'pending' && status !== 'processing') return undefined;
    const job = await this.reader.get(tenantId, id);
    return job && { state: job.state, message: job.error?.message ?? job.progressMessage ?? '' };
  }

  /** A link to the run's file that is good for as long as the run is kept; null when there is no file. */
  fileLink(path: string, tenantId: string, { expiresAt }: Run, storageKey: string | null): string | null {
    const seconds = Math.max(1, Math.floor((expiresAt.getTime() - Date.now()) / 1000));
    return storageKey ? this.links.sign(path, tenantId, seconds) : null;
  }

  /** A page of runs as it is answered. */
  async list<Row, View>(
    page: Page<Row>,
    view: (row: Row) => Promise<View>,
  ): Promise<{ views: View[]; next: string | null }> {
    return { views: await Promise.all(page.rows.map(view)), next: page.nextCursor ?? null };
  }
}
