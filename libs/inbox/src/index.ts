export { TypeOrmInbox } from './typeorm-inbox.js';
export { createInboxSql } from './inbox-table.js';
