import { ScalarType, type DescField, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import type { ContractViolation } from './contract-violation.js';
import { fieldPath, fieldsByName, isObject, isWalkable, mapValues } from './message-fields.js';

const wideTypes = new Set<ScalarType | undefined>([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);
const floatTypes = new Set<ScalarType | undefined>([ScalarType.DOUBLE, ScalarType.FLOAT]);
const message = 'is larger than a JSON number can be without being rounded: send it as a string';

const isRounded = (value: unknown): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);

/** Whether an integer is anywhere in it that a JavaScript number may not hold exactly. */
function hasLarge(json: unknown): boolean {
  if (typeof json === 'bigint') return true;
  if (typeof json !== 'object' || json === null) return isRounded(json);
  return Object.values(json).some(hasLarge);
}

/** `scalar` of google.protobuf.Int64Value and its like, which are written as their value. */
function scalarOf(field: DescField): ScalarType | undefined {
  const { message: type } = field;
  if (!type) return field.scalar;
  return type.typeName.endsWith('Value') && !isWalkable(type) && type.fields.length === 1
    ? type.fields[0]?.scalar
    : undefined;
}

/**
 * A message's JSON form with integers of any size as its fields take them. Bodies are read with what does not fit into a JavaScript number
 * as a `bigint`; fields of 64 bits get it exactly. A number that has been rounded already, or would be, is a violation.
 */
export function exactIntegers(
  descriptor: DescMessage,
  json: unknown,
): { json: JsonValue; violations: ContractViolation[] } {
  const violations: ContractViolation[] = [];
  const scalar = (field: DescField, value: JsonValue | bigint, path: string): JsonValue => {
    const type = scalarOf(field);
    if (wideTypes.has(type)) {
      if (isRounded(value)) violations.push({ path, message });
      return typeof value === 'bigint' ? String(value) : value;
    }
    if (typeof value === 'bigint' && floatTypes.has(type)) return Number(value);
    if (field.message && hasLarge(value)) {
      violations.push({ path, message });
      return null;
    }
    return value as JsonValue; // refused as any number is that stands here
  };
  const walk = (type: DescMessage, value: JsonValue, path: string): JsonValue => {
    if (!isObject(value)) return value;
    const fields = fieldsByName(type);
    return Object.fromEntries(
      Object.entries(value).map(([name, below]) => {
        const field = fields.get(name);
        return [name, field ? mapValues(field, below, fieldPath(path, name), each(field)) : below];
      }),
    );
  };
  const each = (field: DescField) => (value: JsonValue, path: string) =>
    field.message && isWalkable(field.message) ? walk(field.message, value, path) : scalar(field, value, path);
  return { json: hasLarge(json) ? walk(descriptor, json as JsonValue, '') : (json as JsonValue), violations };
}
