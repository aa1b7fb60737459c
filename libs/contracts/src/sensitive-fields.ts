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

type Replace = (value: JsonValue, other: JsonValue | undefined, path: string) => JsonValue;

/** A place in a message's JSON form, and what stands in the same place of another value of the same message. */
interface Place {
  json: JsonValue;
  other: JsonValue | undefined;
  /** "" for the message itself, "file.name", "items[2].key". */
  path: string;
}

/** Walks a message's JSON form, field by field, and replaces sensitive values. */
function walk(message: DescMessage, { json, other, path }: Place, replace: Replace): JsonValue {
  if (!isObject(json) || message.typeName.startsWith('google.protobuf.')) return json;
  const copy: JsonObject = { ...json };
  for (const field of message.fields) {
    for (const name of new Set([field.name, field.jsonName])) {
      const value = json[name];
      if (value === undefined) continue;
      const beside = isObject(other) ? (other[field.name] ?? other[field.jsonName]) : undefined;
      const at = path ? `${path}.${name}` : name;
      copy[name] = isSensitive(field)
        ? replace(value, beside, at)
        : walkValue(field, { json: value, other: beside, path: at }, replace);
    }
  }
  return copy;
}

function walkValue(field: DescField, place: Place, replace: Replace): JsonValue {
  const { message } = field;
  const { json, other, path } = place;
  if (!message) return json;
  if (field.fieldKind === 'list' && Array.isArray(json)) {
    const others = Array.isArray(other) ? other : [];
    return json.map((item, i) => walk(message, { json: item, other: others[i], path: `${path}[${i}]` }, replace));
  }
  if (field.fieldKind === 'map' && isObject(json)) {
    const others = isObject(other) ? other : {};
    return Object.fromEntries(
      Object.entries(json).map(([key, item]) => [
        key,
        walk(message, { json: item, other: others[key], path: `${path}["${key}"]` }, replace),
      ]),
    );
  }
  return walk(message, place, replace);
}

const whole = (json: JsonValue, other?: JsonValue): Place => ({ json, other, path: '' });

/** The JSON form of message `typeName` with the values of its sensitive fields, however deep, replaced by "[redacted]". */
export function redactSensitive(typeName: string, json: JsonValue): JsonValue {
  return walk(messageDescriptor(typeName), whole(json), (value) => (isEmpty(value) ? value : redacted));
}

/** An edited payload with its hidden values back; paths are those of its JSON form. */
export interface RestoredPayload {
  payload: JsonValue;
  /** Sensitive fields that still said "[redacted]": they have the original's value. */
  restored: string[];
  /** Sensitive fields that came with a value of their own. */
  given: string[];
}

/**
 * The way back for a payload that was read redacted and is sent edited: where it still says "[redacted]" the original's
 * value takes its place.
 */
export function restoreSensitive(typeName: string, edited: JsonValue, original: JsonValue): RestoredPayload {
  const restored: string[] = [];
  const given: string[] = [];
  const payload = walk(messageDescriptor(typeName), whole(edited, original), (value, kept, path) => {
    if (value === redacted && kept !== undefined) {
      restored.push(path);
      return kept;
    }
    if (!isEmpty(value)) given.push(path);
    return value;
  });
  return { payload, restored, given };
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
  walk(messageDescriptor(typeName), whole(json), (value) => {
    if (!isEmpty(value)) gather(value);
    return value;
  });
  return [...values];
}
