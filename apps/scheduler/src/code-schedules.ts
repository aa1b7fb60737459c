import { jobKinds, type KindName, type RequestOf } from '@roundhouse/contracts';
import { operatorTenant, type NewSchedule } from '@roundhouse/ledger';

type Policies = Pick<NewSchedule, 'misfire' | 'catchUpMax' | 'overlap' | 'jitterMs'>;

/** A schedule that belongs to the code: its cron expression, zone and payload change with the version that runs. */
export type CodeSchedule<K extends KindName = KindName> = {
  [Name in K]: { tenantId: string; name: string; cron: string; timeZone: string; kind: Name } & {
    request: RequestOf<Name>;
  } & Policies;
}[K];

/**
 * The schedules of this version. They are stored when a scheduler starts; what is no longer listed is removed. People can
 * pause and run them, not change them.
 */
export const codeSchedules: readonly CodeSchedule[] = [
  {
    // Goes all the way from the clock to a worker: a day without one is an alarm.
    tenantId: operatorTenant,
    name: 'proof-of-life',
    cron: '0 4 * * *',
    timeZone: 'UTC',
    kind: 'platform.noop',
    request: { text: 'proof of life' },
    overlap: 'skip',
    jitterMs: 60_000,
  },
  {
    tenantId: operatorTenant,
    name: 'mesh.cleanup-failed',
    cron: '0 2 * * *',
    timeZone: 'UTC',
    kind: 'mesh.cleanup_failed',
    request: { olderThanDays: 7 },
    overlap: 'skip',
  },
  {
    tenantId: operatorTenant,
    name: 'mesh.cleanup-orphans',
    cron: '0 3 * * 0',
    timeZone: 'UTC',
    kind: 'mesh.cleanup_orphans',
    request: { dryRun: false },
    overlap: 'skip',
  },
];

/** The list as the ledger takes it, payloads encoded. */
export function encodedSchedules(schedules: readonly CodeSchedule[] = codeSchedules): NewSchedule[] {
  return schedules.map(({ request, ...schedule }) => {
    const codec = jobKinds[schedule.kind].request as unknown as { encode(message: unknown): { finish(): Uint8Array } };
    return { ...schedule, payload: codec.encode(request).finish(), source: 'code' as const };
  });
}
