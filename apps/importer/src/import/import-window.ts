import type { ImportTradesRequest } from '@roundhouse/contracts';
import { JobFailure } from '@roundhouse/jobs';
import type { FillWindow } from '../fills/broker.js';

const day = 24 * 3_600_000;
/** Later than any fill can be: adapters refuse times in the future. */
const endOfTime = new Date(8.64e15);

/**
 * The window of fills to import. Unset, it is the 30 days before the import began for a connection and everything for a
 * file; `startedAt` is the same in every attempt, so that an import that is resumed goes on in the same window.
 */
export function importWindow({ source, since, until }: ImportTradesRequest, startedAt: Date): FillWindow {
  const isConnection = source?.$case === 'connectionId';
  const end = until ?? (isConnection ? startedAt : endOfTime);
  const begin = since ?? (isConnection ? new Date(end.getTime() - 30 * day) : new Date(0));
  if (begin >= end) {
    throw new JobFailure(
      'INVALID_INPUT',
      `since (${begin.toISOString()}) must be before until (${end.toISOString()})`,
      {
        field: 'since',
      },
    );
  }
  return { since: begin, until: end };
}
