import {
  fromJson,
  ScalarType,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
} from '@bufbuild/protobuf';
import type { ContractViolation } from './contract-violation.js';
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

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Well-known types have a JSON form of their own (a timestamp is a string), so their fields are not walked. */
function walkable(message: DescMessage): boolean {
  return !message.typeName.startsWith('google.protobuf.');
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
  if (field.message && field.fieldKind !== 'map' && walkable(field.message)) {
    return locateJsonFaults(field.message, value, path);
  }
  const probe = field.fieldKind === 'list' ? [value] : value;
  if (accepts(owner, field, probe)) return [];
  const shown = JSON.stringify(value);
  return [
    { path, message: `must be ${expectation(field)}, not ${shown.length > 80 ? `${shown.slice(0, 77)}…` : shown}` },
  ];
}

function fieldFaults(owner: DescMessage, field: DescField, value: JsonValue, path: string): ContractViolation[] {
  if (value === null) return [];
  if (field.fieldKind !== 'list') return elementFaults(owner, field, value, path);
  if (!Array.isArray(value)) return [{ path, message: 'must be a list' }];
  return value.flatMap((item, i) => elementFaults(owner, field, item, `${path}[${i}]`));
}

/**
 * Finds where a JSON value does not fit a message: every unknown field and every value of a wrong type, with its path.
 * Runs only after parsing failed, to explain the failure; an empty answer means that it could not be located.
 */
export function locateJsonFaults(message: DescMessage, json: JsonValue, path: string): ContractViolation[] {
  if (!isObject(json)) return [{ path, message: `must be an object (${message.typeName})` }];
  const byName = new Map<string, DescField>();
  for (const field of message.fields) {
    byName.set(field.name, field);
    byName.set(field.jsonName, field);
  }
  const seenOneofs = new Map<string, string>();
  return Object.entries(json).flatMap(([name, value]) => {
    const field = byName.get(name);
    const here = join(path, name);
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
