import { catalogue, decodeToJson, downloadsOf, outcomeText, type ResultDownload } from '@roundhouse/contracts';
import { Explanations, readSharedJob, type Explanation, type SharedJob } from '@roundhouse/ledger';
import type { FileStorage } from '@roundhouse/storage';
import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { StoredFiles } from '../files/index.js';
import { Follower, LedgerEngine } from '../engine/index.js';
import { statusView, type StatusView } from './status-view.js';

/** Progress may come in by the hundred a second; eyes need less. */
const restMs = 250;
/** Queues move slowly, and asking what holds a job up costs more than reading it. */
const explainEveryMs = 2_000;

export interface SharedStatus {
  tenantId: string;
  jobId: string;
}

type Listener = (view: StatusView, revoked: readonly string[]) => void;

/** One job as its status pages see it. Any number of them shares one reading. */
interface Feed {
  follower: Follower;
  listeners: Set<Listener>;
  last: { view: StatusView; revoked: readonly string[] } | undefined;
  explained: { at: number; state: string; explanation: Explanation | undefined } | undefined;
  unsubscribe(): void;
}

@Injectable()
export class StatusFeeds {
  private readonly feeds = new Map<string, Feed>();

  constructor(
    private readonly engine: LedgerEngine,
    private readonly dataSource: DataSource,
    private readonly explanations: Explanations,
    @StoredFiles() private readonly storage: FileStorage,
  ) {}

  /** The view at once; undefined: there is no such job. */
  async read(shared: SharedStatus): Promise<StatusView | undefined> {
    const job = await readSharedJob(this.dataSource, shared.tenantId, shared.jobId);
    return job && this.view(shared, job, await this.explain(shared, job));
  }

  /** Calls the listener with the view now and whenever it has changed, until the function that it answers is called. */
  follow(shared: SharedStatus, listener: Listener): () => void {
    const feed = this.feeds.get(shared.jobId) ?? this.open(shared);
    feed.listeners.add(listener);
    if (feed.last) listener(feed.last.view, feed.last.revoked);
    return () => {
      feed.listeners.delete(listener);
      if (feed.listeners.size > 0) return;
      feed.follower.stop();
      feed.unsubscribe();
      this.feeds.delete(shared.jobId);
    };
  }

  private open(shared: SharedStatus): Feed {
    const follower = new Follower(() => this.turn(shared, feed));
    const unsubscribe = this.engine.hub.subscribe(`job:${shared.jobId}`, () => follower.wake());
    const feed: Feed = { follower, unsubscribe, listeners: new Set(), last: undefined, explained: undefined };
    this.feeds.set(shared.jobId, feed);
    follower.start();
    return feed;
  }

  private async turn(shared: SharedStatus, feed: Feed): Promise<void> {
    const job = await readSharedJob(this.dataSource, shared.tenantId, shared.jobId);
    if (!job) return;
    const { explained } = feed;
    const stale = !explained || explained.state !== job.state || Date.now() - explained.at > explainEveryMs;
    if (stale) feed.explained = { at: Date.now(), state: job.state, explanation: await this.explain(shared, job) };
    const view = await this.view(shared, job, feed.explained?.explanation);
    const { last } = feed;
    feed.last = { view, revoked: job.revoked_links };
    if (last && isSame(last.view, view) && last.revoked.length === job.revoked_links.length) return;
    for (const listener of feed.listeners) listener(view, job.revoked_links);
    await sleep(restMs);
  }

  private async explain({ tenantId, jobId }: SharedStatus, job: SharedJob): Promise<Explanation | undefined> {
    return job.finished_at ? undefined : this.explanations.explain(tenantId, jobId);
  }

  private async view({ jobId }: SharedStatus, job: SharedJob, explanation: Explanation | undefined) {
    const { downloads, text } = resultForPeople(job);
    const described = await Promise.all(downloads.map((download) => this.described(download)));
    return statusView(jobId, job, explanation, { text, downloads: described });
  }

  private async described(download: ResultDownload): Promise<StatusView['downloads'][number]> {
    const { field: name, label } = download;
    if (download.type === 'route') return { name, label, bytes: null, gone: false };
    const facts = await this.storage.stat(download.storageKey);
    return { name, label, bytes: facts?.bytes ?? null, gone: !facts };
  }
}

/** What the result of a job says and offers; nothing unless it has succeeded and its kind is one that this version knows. */
export function resultForPeople({ kind, result }: SharedJob): { downloads: ResultDownload[]; text: string } {
  const definition = catalogue.kind(kind);
  if (!definition || !result) return { downloads: [], text: '' };
  const { resultType, outcome } = definition;
  const json = decodeToJson(resultType, result) as never;
  return { downloads: downloadsOf(resultType, json), text: outcomeText(outcome, resultType, json) };
}

/** That the clock has moved is no news. */
function isSame(a: StatusView, b: StatusView): boolean {
  const facts = (view: StatusView) => JSON.stringify({ ...view, now: null });
  return facts(a) === facts(b);
}
