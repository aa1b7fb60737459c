import type { Provider } from '@nestjs/common';
import { JobSubmission } from './job-submission.js';
import { OutboxLimit } from './outbox-limit.js';

export const submissionProviders = (outboxLimit: OutboxLimit): Provider[] => [
  JobSubmission,
  { provide: OutboxLimit, useValue: outboxLimit },
];
