import type { ApiKeyIdentity } from '@roundhouse/ledger';

/** Who did it, for the audit log. */
export const actorOf = ({ name, keyId }: ApiKeyIdentity): string => `${name} (${keyId})`;
