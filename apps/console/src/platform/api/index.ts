/**
 * The REST API in the session of this page, with the types of the OpenAPI document and JSON that keeps every digit of a
 * number.
 */
export { api, ApiError, setCsrfToken, whenUnauthenticated, type Query } from './client.js';
export { formatJson, parseEdited } from './json.js';
export { useSettings } from './settings.js';
export {
  finalStates,
  jobStates,
  type Answer,
  type ConsoleJob,
  type JobExplanation,
  type JobSummary,
  type Session,
} from './types.js';
