/** What an API key may do. */
export const apiKeyScopes = [
  /** See jobs, queues and figures, never a payload or result. */
  'jobs:view',
  'jobs:write',
  'jobs:read',
  'jobs:cancel',
  /** Reveal payload and result of a job in the console; every time is written to the audit log. */
  'payloads:read',
  /** Read what the attempts of a job have logged: written by people for people, and by name without secrets, but of payloads. */
  'logs:read',
  'dead:redrive',
  'schedules:admin',
  'admin',
] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

// Whoever reads jobs as a program gets their payloads anyway: to refuse him the console's page would protect nothing.
const implied: Partial<Record<ApiKeyScope, readonly ApiKeyScope[]>> = {
  'jobs:read': ['jobs:view', 'payloads:read', 'logs:read'],
  'payloads:read': ['logs:read'],
};

/** Whether a key with these scopes may do what asks for `wanted`. */
export function allows(scopes: readonly ApiKeyScope[], wanted: ApiKeyScope): boolean {
  return scopes.some((scope) => scope === wanted || scope === 'admin' || implied[scope]?.includes(wanted));
}
