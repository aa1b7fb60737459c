/**
 * Who may do what, and what was done by hand: API keys and their scopes, revoked sessions, status links, the audit log, and the
 * operator's tenant.
 */
export { allows, type ApiKeyScope, apiKeyScopes } from './api-key-scopes.js';
export { type ApiKeyIdentity, ApiKeys } from './api-keys.js';
export { type AuditEntry, type AuditFilter, readAudit, type StoredAuditEntry, writeAudit } from './audit-log.js';
export { operatorTenant, reservedFields } from './operator.js';
export { forgetRevokedSessions, RevokedSessions } from './revoked-sessions.js';
export { forgetStatusLinks, type NewStatusLink, type StatusLink, StatusLinks } from './status-links.js';
