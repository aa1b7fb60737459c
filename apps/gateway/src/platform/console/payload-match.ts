import { catalogue, decodeToJson, redactSensitive } from '@roundhouse/contracts';
import type { JobEntity } from '@roundhouse/ledger';

const pathPattern = /^([A-Za-z_][\w.]*)=(.+)$/s;

/**
 * A test for payloads: every part must be found, in any case. A part is text that stands in any field, or `field.path=text`
 * for what is at that path. Sensitive fields are blanked first, so that a search cannot find out what they hold.
 */
export function payloadMatch(parts: readonly string[]): (job: JobEntity) => boolean {
  const tests = parts.map(partTest);
  return (job) => {
    const payload = readable(job);
    return payload !== undefined && tests.every((test) => test(payload));
  };
}

function partTest(part: string): (payload: unknown) => boolean {
  const [, path, wanted] = pathPattern.exec(part) ?? [];
  const needle = (wanted ?? part).toLowerCase();
  if (path === undefined) return (payload) => values(payload).some((value) => value.includes(needle));
  const steps = path.split('.');
  return (payload) => at(payload, steps).some((found) => values(found).some((value) => value.includes(needle)));
}

/** Every text, number and truth in it, as lower-case text. */
function values(node: unknown): string[] {
  if (node === null || node === undefined) return [];
  if (typeof node === 'object') return Object.values(node).flatMap(values);
  return [String(node).toLowerCase()];
}

/** What is at the path; lists are looked into. */
function at(node: unknown, [step, ...rest]: readonly string[]): unknown[] {
  if (step === undefined) return [node];
  if (Array.isArray(node)) return node.flatMap((item) => at(item, [step, ...rest]));
  if (typeof node !== 'object' || node === null) return [];
  const next = (node as Record<string, unknown>)[step];
  return next === undefined ? [] : at(next, rest);
}

function readable({ kind, payload }: JobEntity): unknown {
  const definition = catalogue.kind(kind);
  if (!definition) return undefined;
  try {
    return redactSensitive(definition.requestType, decodeToJson(definition.requestType, payload));
  } catch {
    return undefined; // poison, or of a newer contract: nothing can be said of it
  }
}
