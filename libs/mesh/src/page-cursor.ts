import { JobFailure } from '@roundhouse/jobs';

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

/** Where a page ended: newest first, the id decides within one instant. */
export interface PagePosition {
  createdAt: Date;
  id: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws JobFailure INVALID_INPUT for anything that `pageOf` did not write */
export function decodeCursor(cursor: string | undefined): PagePosition | undefined {
  if (cursor === undefined) return undefined;
  const [ms = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(':');
  if (!/^\d{1,15}$/.test(ms) || !uuid.test(id)) {
    throw new JobFailure('INVALID_INPUT', 'The cursor is not one of ours; start with the first page', {
      field: 'cursor',
    });
  }
  return { createdAt: new Date(Number(ms)), id };
}

/** `found` holds up to limit + 1 rows: the one too many tells that there is a next page. */
export function pageOf<Row extends PagePosition>(found: Row[], limit: number): Page<Row> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const more = found.length > limit && last !== undefined;
  return {
    rows,
    nextCursor: more ? Buffer.from(`${last.createdAt.getTime()}:${last.id}`).toString('base64url') : undefined,
  };
}
