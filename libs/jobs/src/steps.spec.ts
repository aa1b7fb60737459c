import { Interruption } from './interruption.js';
import { Steps } from './steps.js';

/** A job over several attempts: its checkpoint survives, everything else starts anew. */
class Job {
  saved: string | undefined;
  /** Cursors after which the attempt has to stop. */
  stopAfter = Infinity;
  readonly notes: string[] = [];
  private checkpoints = 0;

  attempt(): Steps {
    this.checkpoints = 0;
    return new Steps({
      resumeFrom: <T>() => (this.saved === undefined ? undefined : (JSON.parse(this.saved) as T)),
      checkpoint: async (value) => {
        this.saved = JSON.stringify(value);
        this.checkpoints += 1;
      },
      throwIfDue: () => {
        if (this.checkpoints >= this.stopAfter) throw new Interruption('time_slice');
      },
      log: { note: (_fields, message) => void this.notes.push(message) },
    });
  }
}

async function twoSteps(steps: Steps, log: string[]): Promise<void> {
  await steps.run<number>('count', async (step) => {
    for (let i = step.cursor ?? 0; i < 3; i += 1) {
      log.push(`count ${i}`);
      await step.advance(i + 1);
    }
  });
  await steps.run('finish', async () => {
    log.push('finish');
  });
}

it('resumes each step at its cursor and skips those that are done', async () => {
  const job = new Job();
  const log: string[] = [];
  job.stopAfter = 1;
  for (let i = 0; i < 20 && !log.includes('finish'); i += 1)
    await twoSteps(job.attempt(), log).catch((e: unknown) => expect(e).toBeInstanceOf(Interruption));
  expect(log).toEqual(['count 0', 'count 1', 'count 2', 'finish']);
});

it('runs straight through when nothing interrupts it', async () => {
  const job = new Job();
  const log: string[] = [];
  await twoSteps(job.attempt(), log);
  await twoSteps(job.attempt(), log);
  expect(log).toEqual(['count 0', 'count 1', 'count 2', 'finish']);
});

it('repeats a step that failed from its last cursor', async () => {
  const job = new Job();
  const failing = job.attempt().run<number>('load', async (step) => {
    await step.advance(7);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  const cursors: unknown[] = [];
  await job.attempt().run('load', async (step) => void cursors.push(step.cursor));
  expect(cursors).toEqual([7]);
});

it('refuses steps that change their order, share a name or nest', async () => {
  const job = new Job();
  const nothing = async () => undefined;
  const first = job.attempt();
  await first.run('a', nothing);
  await expect(first.run('a', nothing)).rejects.toThrow('two steps named "a"');
  await expect(job.attempt().run('b', nothing)).rejects.toThrow('an earlier attempt had "a"');
  const nested = new Job().attempt();
  await expect(nested.run('outer', () => nested.run('inner', nothing))).rejects.toThrow('while "outer" was running');
});
