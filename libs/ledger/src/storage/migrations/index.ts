import { CreateLedger1763769600000 } from './1763769600000-create-ledger.js';
import { JobSemantics1763780000000 } from './1763780000000-job-semantics.js';
import { BatchesAndExplain1763790000000 } from './1763790000000-batches-and-explain.js';
import { DeadLetters1763793100000 } from './1763793100000-dead-letters.js';
import { FairOutbox1763794000000 } from './1763794000000-fair-outbox.js';
import { TimesAndLimits1763795000000 } from './1763795000000-times-and-limits.js';
import { StatusLinks1763796000000 } from './1763796000000-status-links.js';
import { HistoryByJob1763796500000 } from './1763796500000-history-by-job.js';
import { JobStatistics1763797000000 } from './1763797000000-job-statistics.js';
import { AttemptLogs1763798000000 } from './1763798000000-attempt-logs.js';
import { JobReruns1763798100000 } from './1763798100000-job-reruns.js';
import { FailureMarks1763798200000 } from './1763798200000-failure-marks.js';
import { OutboxWithoutKey1763799000000 } from './1763799000000-outbox-without-key.js';
import { RevokedSessions1763799100000 } from './1763799100000-revoked-sessions.js';
import { FailureMarkCauses1763799200000 } from './1763799200000-failure-mark-causes.js';
import { DeliveriesUnderWay1795913251357 } from './1795913251357-deliveries-under-way.js';
import { SuspectsRunAlone1795918339914 } from './1795918339914-suspects-run-alone.js';
import { UniqueFollowers1795926380007 } from './1795926380007-unique-followers.js';
import { GrantTokens1795927200000 } from './1795927200000-grant-tokens.js';
import { EventsMark1795928804213 } from './1795928804213-events-mark.js';

/** Every migration of this folder, oldest first; `npm run new:migration` writes this file. */
export const ledgerMigrations = [
  CreateLedger1763769600000,
  JobSemantics1763780000000,
  BatchesAndExplain1763790000000,
  DeadLetters1763793100000,
  FairOutbox1763794000000,
  TimesAndLimits1763795000000,
  StatusLinks1763796000000,
  HistoryByJob1763796500000,
  JobStatistics1763797000000,
  AttemptLogs1763798000000,
  JobReruns1763798100000,
  FailureMarks1763798200000,
  OutboxWithoutKey1763799000000,
  RevokedSessions1763799100000,
  FailureMarkCauses1763799200000,
  DeliveriesUnderWay1795913251357,
  SuspectsRunAlone1795918339914,
  UniqueFollowers1795926380007,
  GrantTokens1795927200000,
  EventsMark1795928804213,
];
