import { JobFailure } from '@roundhouse/jobs';

/** Newest first; the id decides within one instant. */
export interface Page<Row> {
  rows: Row[];
  /** Give it back for the rows after these; undefined on the last page. */
  nextCursor: string | undefined;
}

export interface PageRequest {
  /** 1 … 1000 */
  limit: number;
  cursor?: string | undefined;
}

const shape = /^(\d{1,15}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Milliseconds and id behind which a page begins; far in the future for the first one. Throws INVALID_INPUT. */
export function positionOf(cursor: string | undefined): { before: Date; id: string } {
  if (cursor === undefined) return { before: new Date(8.64e15), id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
  const [, ms, id] = shape.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (ms === undefined || id === undefined)
    throw new JobFailure('INVALID_INPUT', 'The cursor is not one of ours; start with the first page', {
      field: 'cursor',
    });
  return { before: new Date(Number(ms)), id };
}

/** `found` holds up to limit + 1 rows: the one too many tells that there is a next page. */
export function pageOf<Row extends { id: string; createdAt: Date }>(found: Row[], limit: number): Page<Row> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const more = found.length > limit && last;
  const nextCursor = more ? Buffer.from(`${last.createdAt.getTime()}:${last.id}`).toString('base64url') : undefined;
  return { rows, nextCursor };
}
