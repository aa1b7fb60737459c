import type { StatusLink } from '@roundhouse/ledger';
import { z } from 'zod';
import { statusViewSchema, type StatusView } from './status-view.js';

/** What whoever has a link sees: the job, and what the link allows. */
export const sharedStateSchema = statusViewSchema
  .extend({ may_cancel: z.boolean(), expires_at: z.iso.datetime().describe('When the link ends') })
  .meta({ id: 'SharedStatus' });

export type SharedState = z.output<typeof sharedStateSchema>;

export function sharedState(view: StatusView, link: StatusLink): SharedState {
  return {
    ...view,
    cancellable: view.cancellable && link.may_cancel,
    may_cancel: link.may_cancel,
    expires_at: link.expires_at.toISOString(),
  };
}
