import type { EntityManager } from 'typeorm';
import { claimKeys, forgetKeys, keyOf, repeat, rewriteKeys } from './idempotency.js';
import { insertJobs, type RulesOf } from '../records/index.js';
import { forgetUniqueKeys } from '../transitions/index.js';
import type { Accepted, Submission } from './submission.js';
import { settleUniqueness, UniqueConflict } from './uniqueness.js';

type Answer = Accepted | Error;

/** Accepts submissions in one transaction. Each is taken whole or refused whole; a refused one leaves nothing behind. */
export async function acceptAll(tx: EntityManager, submissions: Submission[], rulesOf: RulesOf): Promise<Answer[]> {
  const answers = new Map<Submission, Answer>();
  const holders = await claimKeys(tx, submissions);
  const holderOf = (submission: Submission) =>
    submission.idempotency && holders.get(keyOf(submission.tenantId, submission.idempotency));

  const fresh = submissions.filter((s) => !s.idempotency || holderOf(s) === s);
  const standIns = new Map<string, string>();
  for (const group of settlingGroups(fresh)) {
    const settled = await settleUniqueness(
      tx,
      group.flatMap((s) => s.jobs),
      rulesOf,
    );
    for (const submission of group) answers.set(submission, answerOf(submission, settled));
    for (const [id, outcome] of settled) if (typeof outcome === 'string') standIns.set(id, outcome);
    const refused = group.filter((s) => answers.get(s) instanceof Error);
    await forgetUniqueKeys(
      tx,
      refused.flatMap((s) => s.jobs.map((job) => job.id)),
    );
    await forgetKeys(tx, refused);
  }
  await rewriteKeys(
    tx,
    fresh.flatMap((s) => standInAnswer(s, answers.get(s))),
  );
  const accepted = fresh.filter((s) => !(answers.get(s) instanceof Error));
  await insertJobs(
    tx,
    accepted.flatMap((s) => s.jobs).filter((job) => !standIns.has(job.id)),
  );

  for (const submission of submissions) {
    const holder = holderOf(submission);
    if (!submission.idempotency || !holder || holder === submission) continue;
    const first = 'jobs' in holder ? answers.get(holder) : undefined;
    answers.set(submission, repeat(holder, submission.idempotency, first));
  }
  return submissions.map((submission) => answers.get(submission) as Answer);
}

/**
 * Submissions whose unique keys may be settled in one go. One of several jobs that is refused gives back the keys its
 * other jobs have taken, and whoever comes after must see that: such submissions are settled one by one, at the end.
 */
function settlingGroups(submissions: Submission[]): Submission[][] {
  const alone = (s: Submission) => s.jobs.length > 1 && s.jobs.some((job) => job.unique);
  return [submissions.filter((s) => !alone(s)), ...submissions.filter(alone).map((s) => [s])];
}

/** What the idempotency key must remember when jobs of the submission were there before. */
function standInAnswer(
  submission: Submission,
  answer: Answer | undefined,
): { submission: Submission; jobIds: string[] }[] {
  const rewritten = submission.idempotency && answer && !(answer instanceof Error) && answer.existing.length > 0;
  return rewritten ? [{ submission, jobIds: answer.jobIds }] : [];
}

function answerOf({ jobs }: Submission, settled: Map<string, string | UniqueConflict>): Answer {
  const existing: string[] = [];
  const jobIds: string[] = [];
  for (const job of jobs) {
    const outcome = settled.get(job.id);
    if (outcome instanceof UniqueConflict) return outcome;
    if (outcome) existing.push(outcome);
    jobIds.push(outcome ?? job.id);
  }
  return { jobIds, repeated: false, existing };
}
