import type { EntityManager } from 'typeorm';
import { holding, type Refusal } from './gates.js';
import type { LockedJob } from '../records/index.js';

/** Results of the jobs that a job depends on, by its id and their reference. */
export type Inputs = Map<string, Record<string, Buffer>>;

// A reply stays below the broker's limit (16 MiB from 4.0) whatever its jobs depend on.
const maxInputBytes = 8 * 1024 * 1024;

interface Row {
  job_id: string;
  ref: string;
  result: Buffer;
}

/**
 * Reads what jobs of workflows are given from those before them; of others nothing is read. A job that would make the reply
 * too large is offered again at once, one that can never be given all of its inputs is dead.
 */
export async function readInputs(
  tx: EntityManager,
  candidates: readonly LockedJob[],
  refusals: Map<string, Refusal>,
): Promise<Inputs> {
  const inputs: Inputs = new Map();
  const ids = candidates.filter((job) => job.inWorkflow && !refusals.has(job.id)).map((job) => job.id);
  if (ids.length === 0) return inputs;
  const sizes = await tx.query<{ job_id: string; bytes: number }[]>(
    `select d.job_id, sum(octet_length(o.result))::float8 as bytes
     from ledger.dependencies d join ledger.jobs o on o.id = d.depends_on
     where d.job_id = any($1::uuid[]) and o.result is not null group by d.job_id order by d.job_id`,
    [ids],
  );
  const wanted: string[] = [];
  let left = maxInputBytes;
  for (const { job_id: id, bytes } of sizes) {
    if (bytes > maxInputBytes) refusals.set(id, tooLarge(bytes));
    else if (bytes > left) refusals.set(id, (locked, job, facts) => holding('inputs', locked.now)(locked, job, facts));
    else {
      wanted.push(id);
      left -= bytes;
    }
  }
  const rows = await tx.query<Row[]>(
    `select d.job_id, d.ref, o.result from ledger.dependencies d join ledger.jobs o on o.id = d.depends_on
     where d.job_id = any($1::uuid[]) and o.state = 'succeeded'`,
    [wanted],
  );
  for (const { job_id: id, ref, result } of rows) inputs.set(id, { ...inputs.get(id), [ref]: result });
  return inputs;
}

function tooLarge(bytes: number): Refusal {
  const message = `The results of the jobs it depends on have ${bytes} bytes, more than ${maxInputBytes}: keep large data in a file`;
  const error = { code: 'FAILED_PRECONDITION', message, retryable: false };
  return (locked, job, facts) => {
    locked.apply(job, { type: 'poison' }, { error });
    locked.note(job, 'dead', { error: { code: error.code, message }, ...facts });
  };
}
