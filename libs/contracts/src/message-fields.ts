import type { DescField, DescMessage, JsonObject, JsonValue } from '@bufbuild/protobuf';

export const isObject = (json: JsonValue | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** Fields by both names that JSON may give them. */
export function fieldsByName({ fields }: DescMessage): Map<string, DescField> {
  return new Map(fields.flatMap((field) => [[field.name, field] as const, [field.jsonName, field] as const]));
}

/** Well-known types have a JSON form of their own (a timestamp is a string), so their fields are not walked. */
export const isWalkable = ({ typeName }: DescMessage): boolean => !typeName.startsWith('google.protobuf.');

/** Where something stands in a message's JSON form: "file.name", "items[2].key", `labels["key"]`. */
export const fieldPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
export const itemPath = (path: string, index: number): string => `${path}[${index}]`;
export const entryPath = (path: string, key: string): string => `${path}[${JSON.stringify(key)}]`;

/** The values of a field, each with its place: one, or those of a list or map. */
export function valuesOf(field: DescField, json: JsonValue, path: string): { value: JsonValue; path: string }[] {
  if (field.fieldKind === 'list' && Array.isArray(json))
    return json.map((value, i) => ({ value, path: itemPath(path, i) }));
  if (field.fieldKind === 'map' && isObject(json))
    return Object.entries(json).map(([key, value]) => ({ value, path: entryPath(path, key) }));
  return [{ value: json, path }];
}

/** The field's JSON form with other values, item by item where it is a list or map. */
export function mapValues(
  field: DescField,
  json: JsonValue,
  path: string,
  map: (value: JsonValue, path: string) => JsonValue,
): JsonValue {
  if (field.fieldKind === 'list' && Array.isArray(json)) return json.map((value, i) => map(value, itemPath(path, i)));
  if (field.fieldKind === 'map' && isObject(json))
    return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, map(value, entryPath(path, key))]));
  return map(json, path);
}
