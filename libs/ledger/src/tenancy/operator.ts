import { operatorFields, type ContractViolation } from '@roundhouse/contracts';

/** Tenant of the people who run the platform: its keys set what all tenants share. No customer may have this name. */
export const operatorTenant = 'operator';

/**
 * What of a request only operators may say, when somebody else asks: every job is checked by this, whichever way it is asked for.
 * @throws Error when the bytes are no such message
 */
export function reservedFields(tenantId: string, requestType: string, payload: Uint8Array): ContractViolation[] {
  return tenantId === operatorTenant ? [] : operatorFields(requestType, payload);
}
