export { forgetOldSteps } from './forget-old-steps.js';
export { TypeOrmInbox } from './typeorm-inbox.js';
export { createInboxSql } from './inbox-table.js';
