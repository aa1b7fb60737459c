/** What whoever runs the gateway looks at: health, the document of its routes, diagnostics, the audit log. */
export { operationsControllers } from './operations-parts.js';
