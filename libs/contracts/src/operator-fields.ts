import { getOption, fromBinary, toJson, type DescField, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import type { ContractViolation } from './contract-violation.js';
import { fieldPath, isObject, isWalkable, valuesOf } from './message-fields.js';
import { messageDescriptor, registry } from './registry.js';

const option = registry.getExtension('roundhouse.platform.v1.operators_only');
if (!option) throw new Error('Option roundhouse.platform.v1.operators_only is not part of the contract');

/** Whether a field is declared to be for operators alone. */
export const isForOperators = (field: DescField): boolean => getOption(field as never, option as never) as boolean;

const message = 'is for operators: only an API key of their tenant may set it';
const known = new Map<string, boolean>();

/** Whether a message, or one within it, has such a field; most have none, and cost nothing more. */
function hasSome(descriptor: DescMessage, within = new Set<DescMessage>()): boolean {
  if (!isWalkable(descriptor) || within.has(descriptor)) return false;
  within.add(descriptor);
  return descriptor.fields.some((field) => isForOperators(field) || (field.message && hasSome(field.message, within)));
}

function set(descriptor: DescMessage, json: JsonValue, path: string): ContractViolation[] {
  if (!isObject(json) || !isWalkable(descriptor)) return [];
  return descriptor.fields.flatMap((field) => {
    const value = json[field.name];
    if (value === undefined) return [];
    const at = fieldPath(path, field.name);
    if (isForOperators(field)) return [{ path: at, message }];
    const inner = field.message;
    return inner ? valuesOf(field, value, at).flatMap((item) => set(inner, item.value, item.path)) : [];
  });
}

/** The fields of a request that are for operators alone and are set, each as what is wrong with it when somebody else asks. */
export function operatorFields(typeName: string, bytes: Uint8Array): ContractViolation[] {
  const descriptor = messageDescriptor(typeName);
  const has = known.get(typeName) ?? hasSome(descriptor);
  known.set(typeName, has);
  if (!has) return [];
  // Defaults are not written: a field that says what it would say anyway is not set.
  const json = toJson(descriptor, fromBinary(descriptor, bytes), { registry, useProtoFieldName: true });
  return set(descriptor, json, '');
}
