import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JobState } from '@roundhouse/jobs';

/** Why a job failed last. */
export interface StoredError {
  code: string;
  message: string;
  retryable: boolean;
  field?: string;
  stack?: string;
}

/** One job. Hot paths write it through `LockedJobs`; this entity is how it is read. */
@Entity({ schema: 'ledger', name: 'jobs', synchronize: false })
export class JobEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('text', { name: 'tenant_id' }) tenantId!: string;
  @Column('text') kind!: string;
  @Column('integer') version!: number;
  @Column('text') queue!: string;
  @Column('text') state!: JobState;
  @Column('bytea', { select: false }) payload!: Buffer;
  @Column('integer', { name: 'timeout_ms' }) timeoutMs!: number;
  @Column('text') traceparent!: string;
  @Column('uuid', { name: 'parent_id', nullable: true }) parentId!: string | null;
  @Column('integer') attempt!: number;
  @Column('integer') failures!: number;
  @Column('integer') crashes!: number;
  @Column('timestamptz', { name: 'run_at' }) runAt!: Date;
  @Column('timestamptz', { name: 'cancel_requested_at', nullable: true }) cancelRequestedAt!: Date | null;
  @Column('text', { name: 'worker_id', nullable: true }) workerId!: string | null;
  @Column('real', { nullable: true }) progress!: number | null;
  @Column('text', { name: 'progress_message', nullable: true }) progressMessage!: string | null;
  @Column('bytea', { nullable: true, select: false }) result!: Buffer | null;
  @Column('jsonb', { nullable: true }) error!: StoredError | null;
  /** Groups deaths by their cause. */
  @Column('text', { nullable: true }) fingerprint!: string | null;
  @Column('timestamptz', { name: 'discarded_at', nullable: true }) discardedAt!: Date | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column('timestamptz', { name: 'finished_at', nullable: true }) finishedAt!: Date | null;
}
