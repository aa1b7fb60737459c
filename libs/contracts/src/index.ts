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
export {
  defaultWhileRunning,
  type ConcurrencyRule,
  type ErrorRule,
  type QueueClass,
  type RateRule,
  type UniqueRule,
} from './kind-rules.js';
export { UniqueRule_Mode, UniqueRule_WhileRunning } from './generated/roundhouse/platform/v1/options.js';
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
