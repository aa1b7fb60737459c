import type { DescMessage, JsonObject } from '@bufbuild/protobuf';
import { messageDescriptor } from './registry.js';

/** A message in its JSON form, and those around it, the innermost first. */
export type Surroundings = readonly { message: DescMessage; json: JsonObject }[];

const placeholder = /\{(\w+)\}/g;

/** Names of the fields that a text with `{field}` asks for. */
export const placeholdersIn = (template: string): string[] =>
  [...template.matchAll(placeholder)].map(([, name]) => name!);

/** The field's value, whichever way JSON names it. */
export function valueOf({ message, json }: Surroundings[number], name: string): unknown {
  const field = message.fields.find((f) => f.name === name);
  return field && (json[field.name] ?? json[field.jsonName]);
}

/** Puts values of fields in the places of their names; the innermost message that has the field counts. */
export function fillIn(template: string, around: Surroundings, encode: (value: string) => string = String): string {
  return template.replace(placeholder, (_, name: string) => {
    const scope = around.find(({ message }) => message.fields.some((field) => field.name === name));
    return encode(String((scope && valueOf(scope, name)) ?? ''));
  });
}

/**
 * What a job that has succeeded says to people.
 * @param outcome of its kind (`KindDefinition.outcome`)
 * @param json the result as `decodeToJson` has it
 */
export const outcomeText = (outcome: string, resultType: string, json: JsonObject): string =>
  fillIn(outcome, [{ message: messageDescriptor(resultType), json }]);
