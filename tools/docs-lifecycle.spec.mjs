import { expect, test } from '@jest/globals';
import { defaultRetryPolicy } from '@roundhouse/contracts';
import { defaultJobRules, jobStates as states, newJob, transition } from '@roundhouse/jobs';
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../docs/job-lifecycle.md', import.meta.url), 'utf8');

const now = 1_000_000_000;
const later = now + 3_600_000;
const retry = { ...defaultRetryPolicy, maxAttempts: 3 };
const snoozing = [{ code: 'RATE_LIMITED', action: 'snooze', retry: undefined }];

function* inputs() {
  for (const workerId of ['w1', 'w2']) {
    for (const redelivered of [false, true]) yield { type: 'claim', workerId, redelivered, graceMs: 1_000 };
  }
  for (const attempt of [1, 2]) {
    for (const type of ['assert', 'succeeded', 'discarded', 'aborted', 'report']) yield { type, attempt };
    for (const code of ['UNAVAILABLE', 'RATE_LIMITED']) {
      for (const retryable of [true, false]) yield { type: 'failed', attempt, failure: { code, retryable } };
    }
    for (const progressed of [undefined, true, false]) yield { type: 'released', attempt, progressed };
    yield { type: 'snoozed', attempt, delayMs: 60_000 };
    yield { type: 'throttled', attempt, bucket: 'b', delayMs: 60_000 };
  }
  for (const type of ['cancel', 'poison', 'unblock', 'yield', 'discard', 'unsupported', 'tick']) yield { type };
  yield { type: 'hold', on: 'token:b', until: undefined };
  yield { type: 'postpone', runAt: later };
  yield { type: 'redrive' };
  yield { type: 'redrive', runAt: later };
}

/** A job of every state in every situation that the state machine looks at. */
function* situations(state) {
  const { status } = newJob(now, now);
  const running = state === 'running';
  const base = { ...status, state, attempt: 2, workerId: running ? 'w1' : undefined };
  for (const runAt of [now - 1, now + 5_000])
    for (const dueAt of [undefined, now - 1])
      for (const deadlineAt of [undefined, now - 1])
        for (const cancelRequestedAt of [undefined, now - 1, now - defaultJobRules.cancelGraceMs])
          for (const [failures, loneCrashes] of [
            [0, 0],
            [2, defaultJobRules.maxCrashes - 1],
          ])
            for (const idleResumes of [0, defaultJobRules.maxIdleResumes])
              for (const skewSince of [undefined, 0])
                yield {
                  ...base,
                  runAt,
                  dueAt,
                  deadlineAt,
                  cancelRequestedAt: running ? cancelRequestedAt : undefined,
                  failures,
                  crashes: loneCrashes,
                  loneCrashes,
                  alone: running && loneCrashes > 0,
                  idleResumes,
                  skewSince,
                  leaseUntil: running ? (dueAt ?? later) : undefined,
                };
}

function changesOfState() {
  const found = new Set();
  const rules = { ...defaultJobRules, retry, errorRules: snoozing };
  for (const state of states) {
    for (const status of situations(state)) {
      for (const input of inputs()) {
        const { status: after, changed } = transition(status, input, now, rules, () => 0.5);
        if (changed && after.state !== state) found.add(`${state} → ${after.state}`);
      }
    }
  }
  return [...found].sort();
}

/** The arrows of the page's diagram; one from a group stands for one from each of its members. */
function drawnArrows() {
  const [, diagram] = /```mermaid\n(stateDiagram-v2\n[\s\S]*?)```/.exec(page);
  const groups = new Map();
  let open;
  const arrows = [];
  for (const line of diagram.split('\n').map((text) => text.trim())) {
    const group = /^state (?:"[^"]*" as )?(\w+) \{$/.exec(line);
    const arrow = /^(\S+) --> (\S+?)(?:\s*:.*)?$/.exec(line);
    if (group) groups.set((open = group[1]), []);
    else if (line === '}') open = undefined;
    else if (arrow) arrows.push([arrow[1], arrow[2]]);
    else if (open && /^\w+$/.test(line)) groups.get(open).push(line);
  }
  const members = (name) => groups.get(name) ?? [name];
  return arrows
    .filter((arrow) => !arrow.includes('[*]'))
    .flatMap(([from, to]) => members(from).map((member) => `${member} → ${to}`))
    .sort();
}

test('the diagram shows every change of state that the state machine makes, and no other', () => {
  expect([...new Set(drawnArrows())]).toEqual(changesOfState());
});

test('the page names every input of the state machine, and this test tries every one', () => {
  const source = readFileSync(new URL('../libs/jobs/src/job-state.ts', import.meta.url), 'utf8');
  const names = [...source.matchAll(/^ {2}\| \{ type: '(\w+)'/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(15);
  const tried = new Set([...inputs()].map(({ type }) => type));
  expect(names.filter((name) => !tried.has(name))).toEqual([]);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
