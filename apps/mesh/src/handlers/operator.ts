/** Whose jobs may act for all tenants; the platform's schedules are his. */
export const operatorTenant = 'operator';

/** The tenant that a job is confined to; undefined: none. */
export const ownTenantOnly = (tenantId: string): string | undefined =>
  tenantId === operatorTenant ? undefined : tenantId;
