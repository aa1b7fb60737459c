import { getOption, type DescField, type DescMessage, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { messageDescriptor, registry } from './registry.js';

/** What stands in for the value of a sensitive field. */
export const redacted = '[redacted]';

const option = registry.getExtension('roundhouse.platform.v1.sensitive');
if (!option) throw new Error('Option roundhouse.platform.v1.sensitive is not part of the contract');

const isSensitive = (field: DescField): boolean => getOption(field as never, option as never) as boolean;
const shortestSecret = 4;
const isObject = (json: JsonValue | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
/** That nothing was given is no secret. */
const isEmpty = (json: JsonValue): boolean =>
  json === null || json === '' || (Array.isArray(json) && json.length === 0);

type Replace = (value: JsonValue, other: JsonValue | undefined) => JsonValue;

/** Walks a message's JSON form, field by field beside another value of the same message, and replaces sensitive values. */
function walk(message: DescMessage, json: JsonValue, other: JsonValue | undefined, replace: Replace): JsonValue {
  if (!isObject(json) || message.typeName.startsWith('google.protobuf.')) return json;
  const copy: JsonObject = { ...json };
  for (const field of message.fields) {
    for (const name of new Set([field.name, field.jsonName])) {
      const value = json[name];
      if (value === undefined) continue;
      const beside = isObject(other) ? (other[field.name] ?? other[field.jsonName]) : undefined;
      copy[name] = isSensitive(field) ? replace(value, beside) : walkValue(field, value, beside, replace);
    }
  }
  return copy;
}

function walkValue(field: DescField, value: JsonValue, other: JsonValue | undefined, replace: Replace): JsonValue {
  const { message } = field;
  if (!message) return value;
  if (field.fieldKind === 'list' && Array.isArray(value)) {
    const others = Array.isArray(other) ? other : [];
    return value.map((item, i) => walk(message, item, others[i], replace));
  }
  if (field.fieldKind === 'map' && isObject(value)) {
    const others = isObject(other) ? other : {};
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, walk(message, item, others[key], replace)]),
    );
  }
  return walk(message, value, other, replace);
}

/** The JSON form of message `typeName` with the values of its sensitive fields, however deep, replaced by "[redacted]". */
export function redactSensitive(typeName: string, json: JsonValue): JsonValue {
  return walk(messageDescriptor(typeName), json, undefined, (value) => (isEmpty(value) ? value : redacted));
}

/**
 * The way back for a payload that was read redacted and is sent edited: where it still says "[redacted]" the original's
 * value takes its place.
 */
export function restoreSensitive(typeName: string, edited: JsonValue, original: JsonValue): JsonValue {
  return walk(messageDescriptor(typeName), edited, original, (value, kept) =>
    value === redacted && kept !== undefined ? kept : value,
  );
}

/**
 * Texts and numbers that stand in sensitive fields of a message's JSON form, for finding them elsewhere. What is too short
 * to be told from ordinary words is left out.
 */
export function sensitiveValues(typeName: string, json: JsonValue): string[] {
  const values = new Set<string>();
  const gather = (value: JsonValue): void => {
    if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) gather(item);
    else if (typeof value !== 'boolean' && String(value).length >= shortestSecret) values.add(String(value));
  };
  walk(messageDescriptor(typeName), json, undefined, (value) => {
    if (!isEmpty(value)) gather(value);
    return value;
  });
  return [...values];
}
