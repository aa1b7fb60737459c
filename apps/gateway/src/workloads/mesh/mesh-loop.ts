import { logLine, type Logger } from '@roundhouse/telemetry';
import type { DataSource } from 'typeorm';
import type { LedgerEngine } from '../../platform/engine/index.js';
import { MeshBatchSender } from './batch-sender.js';
import { MeshBatchSettler } from './batch-settler.js';
import { MeshSettler } from './mesh-settler.js';
import { EngineTaskSettler } from './engine-task-settler.js';

const everyMs = 500;
const settleEveryMs = 5_000;
const afterFailureMs = 10_000;

/** Looks after the batches of meshes and the tasks of their engines, side by side with the other gateways. */
export class MeshLoop {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private failing = false;
  private settledAt = 0;
  private readonly sender: MeshBatchSender;
  private readonly settlers: readonly { settleAll(): Promise<void> }[];

  constructor(
    database: DataSource,
    engine: LedgerEngine,
    private readonly log: Logger,
  ) {
    this.sender = new MeshBatchSender(database, engine);
    this.settlers = [
      new MeshBatchSettler(database, engine),
      new MeshSettler(database),
      new EngineTaskSettler(database, engine),
    ];
  }

  start(): void {
    const look = () => {
      this.running = this.look().then((pauseMs) => void (this.timer &&= setTimeout(look, pauseMs)));
    };
    this.timer = setTimeout(look, everyMs);
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private async look(): Promise<number> {
    try {
      await this.sender.sendAll();
      if (performance.now() - this.settledAt > settleEveryMs) {
        for (const settler of this.settlers) await settler.settleAll();
        this.settledAt = performance.now();
      }
      this.failing = false;
      return everyMs;
    } catch (error) {
      // Once for each outage: without the schema of meshes it would be said for ever.
      if (!this.failing) logLine(this.log, 'mesh.not_looked_after', { err: error });
      this.failing = true;
      return afterFailureMs;
    }
  }
}
