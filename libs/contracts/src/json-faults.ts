import { fromJson, ScalarType, type DescField, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import type { ContractViolation } from './contract-violation.js';
import { entryPath, fieldPath, fieldsByName, isObject, isWalkable, valuesOf } from './message-fields.js';
import { registry } from './registry.js';

const article: Partial<Record<ScalarType, string>> = {
  [ScalarType.STRING]: 'a string',
  [ScalarType.BOOL]: 'true or false',
  [ScalarType.BYTES]: 'a base64 string',
  [ScalarType.DOUBLE]: 'a number',
  [ScalarType.FLOAT]: 'a number',
};

function expectation(field: DescField): string {
  if (field.enum) return `one of ${field.enum.values.map((v) => v.name).join(', ')}`;
  if (field.message) return `a ${field.message.typeName}`;
  return article[field.scalar as ScalarType] ?? 'a whole number in range';
}

function accepts(owner: DescMessage, field: DescField, value: JsonValue): boolean {
  try {
    fromJson(owner, { [field.jsonName]: value }, { registry });
    return true;
  } catch {
    return false; // the caller reports the fault with its path
  }
}

function elementFaults(owner: DescMessage, field: DescField, value: JsonValue, path: string): ContractViolation[] {
  if (field.message && isWalkable(field.message)) return locateJsonFaults(field.message, value, path);
  if (accepts(owner, field, asWhole(field, value))) return [];
  const shown = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  return [
    { path, message: `must be ${expectation(field)}, not ${shown.length > 80 ? `${shown.slice(0, 77)}…` : shown}` },
  ];
}

/** A field with this one value, to see whether it is taken. */
function asWhole(field: DescField, value: JsonValue): JsonValue {
  if (field.fieldKind === 'list') return [value];
  // A key that every map takes, whatever the type of its keys; what is wrong with a key is found with all of them.
  return field.fieldKind === 'map' ? { [anyKey(field.mapKey)]: value } : value;
}

const anyKey = (type: ScalarType): string => (type === ScalarType.BOOL ? 'true' : '0');

function fieldFaults(owner: DescMessage, field: DescField, value: JsonValue, path: string): ContractViolation[] {
  if (value === null) return [];
  if (field.fieldKind === 'list' && !Array.isArray(value)) return [{ path, message: 'must be a list' }];
  if (field.fieldKind !== 'map') {
    return valuesOf(field, value, path).flatMap((at) => elementFaults(owner, field, at.value, at.path));
  }
  if (!isObject(value)) return [{ path, message: 'must be an object with a value under each key' }];
  return Object.entries(value).flatMap(([key, item]) => {
    const at = entryPath(path, key);
    const faults = elementFaults(owner, field, item, at);
    if (faults.length > 0 || accepts(owner, field, { [key]: item })) return faults;
    return [{ path: at, message: 'is not a key of this map' }];
  });
}

/**
 * Finds where a JSON value does not fit a message: every unknown field and every value of a wrong type, with its path.
 * Runs only after parsing failed, to explain the failure; an empty answer means that it could not be located.
 */
export function locateJsonFaults(message: DescMessage, json: JsonValue, path: string): ContractViolation[] {
  if (!isObject(json)) return [{ path, message: `must be an object (${message.typeName})` }];
  const byName = fieldsByName(message);
  const seenOneofs = new Map<string, string>();
  return Object.entries(json).flatMap(([name, value]) => {
    const field = byName.get(name);
    const here = fieldPath(path, name);
    if (!field) {
      const known = message.fields.map((f) => f.name).join(', ') || 'no fields';
      return [{ path: here, message: `unknown field; ${message.name} has ${known}` }];
    }
    if (field.oneof && value !== null) {
      const other = seenOneofs.get(field.oneof.name);
      if (other) return [{ path: here, message: `only one of ${other} and ${name} may be set` }];
      seenOneofs.set(field.oneof.name, name);
    }
    return fieldFaults(message, field, value, here);
  });
}
