import { ScalarType, type DescField, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import { isObject, mapValues } from './message-fields.js';

const isFloat = (field: DescField): boolean =>
  field.scalar === ScalarType.FLOAT || field.message?.typeName === 'google.protobuf.FloatValue';

/** The number with the fewest digits that is this one when it is stored in 32 bits: 0.1, not 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}

const known = new WeakMap<DescMessage, boolean>();

/** Whether a message has a float anywhere; most have none, and are not walked. */
function hasFloats(type: DescMessage): boolean {
  const before = known.get(type);
  if (before !== undefined) return before;
  known.set(type, false); // of a message within itself nothing new can come
  const found = type.fields.some((field) => isFloat(field) || (field.message && hasFloats(field.message)));
  known.set(type, found);
  return found;
}

/** A message's JSON form with its floats of 32 bits as people wrote them. @param json under the names of the proto file */
export function withShortFloats(type: DescMessage, json: JsonValue): JsonValue {
  if (!hasFloats(type) || !isObject(json)) return json;
  const copy = { ...json };
  for (const field of type.fields) {
    const value = json[field.name];
    if (value === undefined) continue;
    copy[field.name] = mapValues(field, value, '', (item) => {
      if (isFloat(field)) return typeof item === 'number' ? shortest(item) : item;
      return field.message ? withShortFloats(field.message, item) : item;
    });
  }
  return copy;
}
