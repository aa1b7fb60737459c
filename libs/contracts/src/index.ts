export * from './generated/messages.js';
export { domainEvents, jobKinds } from './generated/kinds.js';
