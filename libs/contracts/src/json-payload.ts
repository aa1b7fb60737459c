import { fromBinary, fromJson, toBinary, toJson, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import type { ContractViolation } from './contract-violation.js';
import { exactIntegers } from './exact-integers.js';
import { locateJsonFaults } from './json-faults.js';
import { messageDescriptor, registry } from './registry.js';
import { withShortFloats } from './short-floats.js';

export type EncodedPayload = { ok: true; bytes: Uint8Array } | { ok: false; violations: ContractViolation[] };

const validator = createValidator({ registry });

function ruleViolations(descriptor: DescMessage, message: never): ContractViolation[] {
  const outcome = validator.validate(descriptor, message);
  if (outcome.kind === 'valid') return [];
  if (outcome.kind === 'error') throw outcome.error;
  return outcome.violations.map((v) => ({ path: v.toString().split(': ')[0] ?? '', message: v.message }));
}

/**
 * Turns a JSON payload into the bytes of message `typeName`.
 * Unknown fields, wrong types and broken field rules (buf.validate) are all reported, each with its path.
 * @param given its integers beyond 2^53 as `bigint`
 */
export function encodeJsonPayload(typeName: string, given: unknown): EncodedPayload {
  const descriptor = messageDescriptor(typeName);
  const { json, violations: rounded } = exactIntegers(descriptor, given);
  if (rounded.length > 0) return { ok: false, violations: rounded };
  let message: never;
  try {
    message = fromJson(descriptor, json, { registry }) as never;
  } catch (error) {
    const faults = locateJsonFaults(descriptor, json, '');
    const fallback = { path: '', message: error instanceof Error ? error.message : String(error) };
    return { ok: false, violations: faults.length > 0 ? faults : [fallback] };
  }
  const violations = ruleViolations(descriptor, message);
  return violations.length > 0 ? { ok: false, violations } : { ok: true, bytes: toBinary(descriptor, message) };
}

/** Field rules for a payload that arrived as bytes, e.g. a follow-up written by a worker. Throws when it cannot be decoded. */
export function validatePayload(typeName: string, bytes: Uint8Array): ContractViolation[] {
  const descriptor = messageDescriptor(typeName);
  return ruleViolations(descriptor, fromBinary(descriptor, bytes) as never);
}

/** The JSON form of a stored message, field names as in the proto file, default values shown. */
export function decodeToJson(typeName: string, bytes: Uint8Array): JsonValue {
  const descriptor = messageDescriptor(typeName);
  const options = { registry, useProtoFieldName: true, alwaysEmitImplicit: true };
  return withShortFloats(descriptor, toJson(descriptor, fromBinary(descriptor, bytes), options));
}
