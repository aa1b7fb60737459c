import { MeshStore } from '@roundhouse/mesh';
import type { DataSource } from 'typeorm';
import { cancelledWork } from './cancelled-work.js';

/** Cancels meshes whose jobs were cancelled as jobs while no worker had them, which no handler hears of; a batch would wait for them for ever. */
export class MeshSettler {
  private readonly meshes: MeshStore;

  constructor(private readonly database: DataSource) {
    this.meshes = new MeshStore(database);
  }

  async settleAll(): Promise<void> {
    const open = cancelledWork(this.database, (after, limit) => this.meshes.open(after, limit));
    for await (const meshes of open) await this.meshes.cancelOfJobs(meshes.map(({ jobId }) => jobId));
  }
}
