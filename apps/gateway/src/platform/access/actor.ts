import { operatorTenant, type ApiKeyIdentity } from '@roundhouse/ledger';
import { Problem } from '../http/index.js';

/** Who did something, for the audit log: keys have names that people gave them, and ids that stay. */
export const actorOf = ({ name, keyId }: ApiKeyIdentity): string => `${name} (${keyId})`;

export const isOperator = ({ tenantId }: ApiKeyIdentity): boolean => tenantId === operatorTenant;

/** The owner of something that all tenants may share: "*" then, and only operators may touch it. */
export function ownerOf(identity: ApiKeyIdentity, acrossTenants: boolean, what: string): string {
  if (!acrossTenants) return identity.tenantId;
  if (!isOperator(identity))
    throw new Problem('forbidden', `${what} is shared by all tenants: a key of tenant ${operatorTenant} may set it`);
  return '*';
}
