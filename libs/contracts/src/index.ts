export * from './generated/messages.js';
export { domainEvents, jobKinds } from './generated/kinds.js';
export {
  catalogue,
  type EventBodyOf,
  type EventDefinition,
  type EventType,
  type KindDefinition,
  type KindName,
  type RequestOf,
  type ResultOf,
} from './catalogue.js';
export type { ConcurrencyRule, ErrorRule, QueueClass, RateRule, UniqueRule } from './kind-rules.js';
export { defaultRetryPolicy, type RetryPolicy } from './retry-policy.js';
export { readPayloadFields } from './payload-fields.js';
export { messageDescriptor, registry } from './registry.js';
export { downloadsOf, type ResultDownload } from './result-downloads.js';
export { isForOperators, operatorFields } from './operator-fields.js';
export {
  redacted,
  redactSensitive,
  restoreSensitive,
  sensitiveValues,
  type RestoredPayload,
} from './sensitive-fields.js';
export { outcomeText } from './result-text.js';
export { decodeToJson, encodeJsonPayload, validatePayload, type EncodedPayload } from './json-payload.js';
export type { ContractViolation } from './contract-violation.js';
