import type {
  Claim,
  ClaimDecision,
  ClaimRequest,
  JobEvent,
  JobEvents,
  RevokedAttempt,
  WorkerHeartbeat,
} from '@roundhouse/contracts';
import { ClaimDecision as Decision, Dropped_Reason } from '@roundhouse/contracts';
import { LedgerServer, type LedgerHandlers } from '../src/index.js';
import type { TestRabbit } from './test-rabbit.js';

/** The token of a grant, such as nobody would hit upon. */
export const tokenOf = (jobId: string, attempt: number): Buffer => Buffer.from(`${jobId} may run ${attempt}`);

/** A ledger that grants everything that is not finished, and remembers what workers say with the token of their grant. */
export class MemoryLedger implements LedgerHandlers {
  readonly history: JobEvent[] = [];
  readonly beats: WorkerHeartbeat[] = [];
  readonly attempts = new Map<string, number>();
  readonly revoked: RevokedAttempt[] = [];
  /** Claims are answered when this is done. */
  patience: Promise<void> = Promise.resolve();

  static async start(rabbit: TestRabbit): Promise<[MemoryLedger, LedgerServer]> {
    const ledger = new MemoryLedger();
    return [ledger, await LedgerServer.start(await rabbit.connect(), ledger, rabbit.log)];
  }

  claims = async (requests: ClaimRequest[]): Promise<ClaimDecision[][]> => {
    await this.patience;
    return requests.map(({ claims }) => claims.map((claim) => this.decide(claim)));
  };

  heartbeat = async (beat: WorkerHeartbeat): Promise<RevokedAttempt[]> => {
    this.beats.push(beat);
    return this.revoked.splice(0);
  };

  events = async (messages: JobEvents[]): Promise<void> => {
    const events = messages.flatMap((m) => m.events);
    this.history.push(...events.filter(({ jobId, attempt, token }) => token?.equals(tokenOf(jobId, attempt))));
  };

  mark = async (): Promise<void> => undefined;
  rejectedEvents = async (): Promise<void> => undefined;
  isTransient = (): boolean => false;

  /** What was told of a job, in order. */
  told(jobId: string): string[] {
    return this.history.filter((e) => e.jobId === jobId).map((e) => `${e.event!.$case} ${e.attempt}`);
  }

  finished(jobId: string): boolean {
    return this.told(jobId).some((event) => /^(succeeded|cancelled|failed)/.test(event));
  }

  /** Jobs that no worker can run; others of that sort are not known at all. */
  readonly unsupported = new Set<string>();

  /** Jobs that are to run alone. */
  readonly suspects = new Set<string>();

  private decide({ jobId, unsupported }: Claim): ClaimDecision {
    if (unsupported) {
      const reason = this.unsupported.has(jobId) ? Dropped_Reason.PARKED : Dropped_Reason.UNKNOWN;
      return Decision.fromPartial({ jobId, decision: { $case: 'dropped', value: { reason } } });
    }
    if (this.finished(jobId))
      return Decision.fromPartial({ jobId, decision: { $case: 'dropped', value: { reason: 1 } } });
    const attempt = (this.attempts.get(jobId) ?? 0) + 1;
    this.attempts.set(jobId, attempt);
    const value = { attempt, failures: 0, alone: this.suspects.has(jobId), token: tokenOf(jobId, attempt) };
    return Decision.fromPartial({ jobId, decision: { $case: 'granted', value } });
  }
}
