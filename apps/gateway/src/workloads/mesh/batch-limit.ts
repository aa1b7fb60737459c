import type { LimitName } from '@roundhouse/ledger';
import { z } from 'zod';

/** The group of the contract in which the meshes of a batch count together. */
export const batchLimitGroup = 'mesh.batch';

export const batchLimit = (batchId: string): LimitName => ({
  group: batchLimitGroup,
  values: JSON.stringify([batchId]),
});

/** Undefined: it is not the limit of a batch, but e.g. that of meshes without one. */
export function batchOfLimit({ values = '' }: LimitName): string | undefined {
  const [id] = /(?<=^\[").*(?="\]$)/.exec(values) ?? [];
  return z.uuid().safeParse(id).success ? id : undefined;
}
