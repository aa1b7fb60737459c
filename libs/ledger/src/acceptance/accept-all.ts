import type { EntityManager } from 'typeorm';
import { claimKeys, forgetKeys, keyOf, repeat, rewriteKeys } from './idempotency.js';
import { insertJobs, type NewJob, type RulesOf } from '../records/index.js';
import type { Accepted, StandIn, Submission } from './submission.js';
import { type Settled, settleUniqueness, UniqueConflict } from './uniqueness.js';

type Answer = Accepted | Error;

/** Accepts submissions in one transaction. Each is taken whole or refused whole; a refused one leaves nothing behind. */
export async function acceptAll(tx: EntityManager, submissions: Submission[], rulesOf: RulesOf): Promise<Answer[]> {
  const answers = new Map<Submission, Answer>();
  const holders = await claimKeys(tx, submissions);
  const holderOf = (submission: Submission) =>
    submission.idempotency && holders.get(keyOf(submission.tenantId, submission.idempotency));

  const fresh = submissions.filter((s) => !s.idempotency || holderOf(s) === s);
  for (const group of settlingGroups(fresh)) await settle(tx, group, answers, rulesOf);
  await rewriteKeys(
    tx,
    fresh.flatMap((s) => standInAnswer(s, answers.get(s))),
  );

  for (const submission of submissions) {
    const holder = holderOf(submission);
    if (!submission.idempotency || !holder || holder === submission) continue;
    const first = 'jobs' in holder ? answers.get(holder) : undefined;
    answers.set(submission, repeat(holder, submission.idempotency, first));
  }
  return submissions.map((submission) => answers.get(submission) as Answer);
}

async function settle(
  tx: EntityManager,
  group: Submission[],
  answers: Map<Submission, Answer>,
  rulesOf: RulesOf,
): Promise<void> {
  const whole = group.length === 1 && isWhole(group[0] as Submission);
  if (whole) await tx.query('savepoint uniqueness');
  const jobs = group.flatMap((s) => s.jobs);
  const settled = await settleUniqueness(tx, jobs, rulesOf);
  for (const submission of group) answers.set(submission, answerOf(submission, settled));
  const refused = group.filter((s) => answers.get(s) instanceof Error);
  // What its other jobs have taken, replaced and followed is undone.
  if (whole) await tx.query(`${refused.length > 0 ? 'rollback to' : 'release'} savepoint uniqueness`);
  await forgetKeys(tx, refused);
  const isStored = ({ id }: NewJob) => {
    const outcome = settled.get(id);
    return !outcome || (!(outcome instanceof Error) && outcome.stored);
  };
  const accepted = group.filter((s) => !refused.includes(s));
  await insertJobs(tx, accepted.flatMap((s) => s.jobs).filter(isStored));
}

/** Several jobs, of which one that is refused undoes what the others have done to unique keys. */
const isWhole = (s: Submission): boolean => s.jobs.length > 1 && s.jobs.some((job) => job.unique);

/** Submissions whose unique keys may be settled in one go: those that can be undone by themselves come one by one, at the end. */
function settlingGroups(submissions: Submission[]): Submission[][] {
  return [submissions.filter((s) => !isWhole(s)), ...submissions.filter(isWhole).map((s) => [s])];
}

/** What the idempotency key must remember when jobs of the submission were there before. */
function standInAnswer(submission: Submission, answer: Answer | undefined) {
  const rewritten = submission.idempotency && answer && !(answer instanceof Error) && answer.standIns;
  return rewritten ? [{ submission, jobIds: answer.jobIds, standIns: answer.standIns }] : [];
}

function answerOf({ jobs }: Submission, settled: Map<string, Settled>): Answer {
  const existing: string[] = [];
  const jobIds: string[] = [];
  const standIns: Record<number, StandIn> = {};
  for (const [i, job] of jobs.entries()) {
    const outcome = settled.get(job.id);
    if (outcome instanceof UniqueConflict) return outcome;
    const id = outcome?.follower ?? outcome?.existing ?? job.id;
    jobIds.push(id);
    if (!outcome) continue;
    const { stored, ...standIn } = outcome;
    standIns[i] = standIn;
    if (!stored) existing.push(id);
  }
  return { jobIds, repeated: false, existing, ...(Object.keys(standIns).length > 0 && { standIns }) };
}
