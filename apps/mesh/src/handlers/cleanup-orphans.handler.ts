import { Controller } from '@nestjs/common';
import type { CleanupOrphansRequest, CleanupOrphansResult } from '@roundhouse/contracts';
import { JobFailure, type JobContext } from '@roundhouse/jobs';
import { meshFolder, MeshUpkeepStore } from '@roundhouse/mesh';
import { JobHandler } from '@roundhouse/rabbitmq';
import type { ListedFile } from '@roundhouse/storage';
import { MeshFiles } from '../work/mesh-files.js';
import { operatorTenant } from './operator.js';

const perQuestion = 500;
const keysShown = 100;
/** What refers to a younger file may not be committed yet. */
const youngestMs = 3_600_000;

/** Removes stored files that nothing refers to. What is younger than an hour stays, whatever it is. */
@Controller()
export class CleanupOrphansHandler {
  constructor(
    private readonly upkeep: MeshUpkeepStore,
    private readonly files: MeshFiles,
  ) {}

  @JobHandler('mesh.cleanup_orphans')
  async handle({ dryRun }: CleanupOrphansRequest, ctx: JobContext): Promise<CleanupOrphansResult> {
    if (ctx.tenantId !== operatorTenant) {
      throw new JobFailure(
        'FAILED_PRECONDITION',
        `Stored files are everybody's: a job of the tenant "${operatorTenant}" may remove them`,
      );
    }
    if (!dryRun) await this.upkeep.forgetUnusedUploads();
    const result: CleanupOrphansResult = { files: 0, orphans: 0, deleted: 0, bytes: 0, storageKeys: [] };
    const oldEnough = Date.now() - youngestMs;
    let some: ListedFile[] = [];
    for await (const file of this.files.storage.list(meshFolder)) {
      ctx.signal.throwIfAborted();
      result.files += 1;
      if (file.modifiedAt.getTime() > oldEnough) continue;
      some.push(file);
      if (some.length < perQuestion) continue;
      await this.sift(some, dryRun, result);
      some = [];
    }
    await this.sift(some, dryRun, result);
    return result;
  }

  private async sift(files: ListedFile[], dryRun: boolean, result: CleanupOrphansResult): Promise<void> {
    const referenced = await this.upkeep.referenced(files.map(({ key }) => key));
    for (const { key, bytes } of files) {
      if (referenced.has(key)) continue;
      result.orphans += 1;
      result.bytes += bytes;
      if (result.storageKeys.length < keysShown) result.storageKeys.push(key);
      if (!dryRun && (await this.files.storage.delete(key))) result.deleted += 1;
    }
  }
}
