import type { ConsoleJob } from '../../api/index.js';

/** Something that can be done to a job from a terminal. */
export interface JobCommand {
  name: string;
  /** Whether it may be repeated. */
  repeating: string;
  /** Verb of `./roundhouse job`. */
  verb: string;
  method: 'GET' | 'POST';
  /** Below the job. */
  path: string;
  body?: string;
  scope: string;
  offered: (job: Pick<ConsoleJob, 'state'>) => boolean;
}

const always = () => true;
const waits = ({ state }: Pick<ConsoleJob, 'state'>) => ['scheduled', 'queued', 'retrying'].includes(state);
const isOver = ({ state }: Pick<ConsoleJob, 'state'>) => ['succeeded', 'dead', 'cancelled'].includes(state);

export const jobCommands: readonly JobCommand[] = [
  {
    name: 'Show it',
    repeating: 'Changes nothing.',
    verb: 'show',
    method: 'GET',
    path: '',
    scope: 'jobs:read',
    offered: always,
  },
  {
    name: 'Say why it is in its state',
    repeating: 'Changes nothing.',
    verb: 'explain',
    method: 'GET',
    path: '/explain',
    scope: 'jobs:view',
    offered: always,
  },
  {
    name: 'Run now',
    repeating: 'Safe to repeat: a job that is queued already stays so.',
    verb: 'run-now',
    method: 'POST',
    path: '/run-now',
    scope: 'jobs:write',
    offered: waits,
  },
  {
    name: 'Cancel',
    repeating: 'Safe to repeat: a job that is cancelled stays so.',
    verb: 'cancel',
    method: 'POST',
    path: '/cancel',
    scope: 'jobs:cancel',
    offered: (job) => !isOver(job),
  },
  {
    name: 'Redrive',
    repeating: 'A repeat is refused while the redriven job is under way; after it has died again, it runs once more.',
    verb: 'redrive',
    method: 'POST',
    path: '/redrive',
    body: '{}',
    scope: 'dead:redrive',
    offered: ({ state }) => state === 'dead',
  },
];

/** For a shell that has the key in ROUNDHOUSE_API_KEY: a key does not belong into a history of commands. */
export function asCurl({ method, path, body }: JobCommand, origin: string, id: string): string {
  const parts = [
    'curl --fail-with-body',
    method === 'GET' ? '' : `-X ${method}`,
    '-H "Authorization: Bearer $ROUNDHOUSE_API_KEY"',
    body === undefined ? '' : `-H 'content-type: application/json' -d '${body}'`,
    `${origin}/v1/jobs/${id}${path}`,
  ];
  return parts.filter(Boolean).join(' ');
}

export const asCli = ({ verb }: JobCommand, origin: string, id: string): string =>
  `./roundhouse job ${verb} ${id} --url ${origin}`;
