import { createHash } from 'node:crypto';

/** Folder of a tenant's files; the name says nothing about the tenant. */
const folderOf = (tenantId: string): string => createHash('sha256').update(tenantId).digest('hex').slice(0, 32);

/** The same whenever the job runs: a second run replaces what the first one left. */
export const failedFileKey = (tenantId: string, importId: string): string =>
  `spreadsheets/${folderOf(tenantId)}/failed/${importId}.xlsx`;

export const exportFileKey = (tenantId: string, exportId: string): string =>
  `spreadsheets/${folderOf(tenantId)}/exports/${exportId}`;
