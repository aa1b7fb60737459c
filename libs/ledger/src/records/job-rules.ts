import { catalogue, defaultRetryPolicy } from '@roundhouse/contracts';
import { defaultJobRules, type JobRules } from '@roundhouse/jobs';
import type { RulesOf } from './locked-jobs.js';

/** The rules of each kind from the contract. A kind that this version does not know keeps the defaults: it may be newer. */
export function catalogueRules(overrides: Partial<Omit<JobRules, 'retry' | 'errorRules'>> = {}): RulesOf {
  const rules = new Map<string, JobRules>();
  return (kind) => {
    const known = rules.get(kind);
    if (known) return known;
    const definition = catalogue.kind(kind);
    const retry = definition?.retry ?? defaultRetryPolicy;
    const made = { ...defaultJobRules, ...overrides, retry, errorRules: definition?.errorRules ?? [] };
    rules.set(kind, made);
    return made;
  };
}
