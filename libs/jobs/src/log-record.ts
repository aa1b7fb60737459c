import { catalogue, decodeToJson, LogLine_Level, redacted, sensitiveValues, type LogLine } from '@roundhouse/contracts';
import type { LogRedaction } from './ports.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What must not be seen in a line. */
export interface LineMask {
  /** Hides what is called like a secret. */
  redaction: LogRedaction | undefined;
  /** Values of the request's sensitive fields, to be hidden wherever they stand. */
  values: readonly string[];
}

const longestMessage = 2_000;
const longestFields = 6_000;

const levels = {
  debug: LogLine_Level.DEBUG,
  info: LogLine_Level.INFO,
  warn: LogLine_Level.WARN,
  error: LogLine_Level.ERROR,
} as const satisfies Record<LogLevel, LogLine_Level>;

/** One line as the ledger keeps it: secrets hidden, no longer than is kept. */
export function logLineOf(level: LogLevel, fields: object, message: string, mask: LineMask): LogLine {
  return {
    at: new Date(),
    level: levels[level],
    message: clip(hide(String(message), mask), longestMessage),
    fields: fieldsText(fields, mask),
  };
}

export const lineBytes = ({ message, fields }: LogLine): number =>
  Buffer.byteLength(message) + Buffer.byteLength(fields);

function hide(text: string, { redaction, values }: LineMask): string {
  let shown = redaction ? redaction.text(text) : text;
  for (const value of values) shown = shown.replaceAll(value, redacted);
  return shown;
}

function fieldsText(fields: object, mask: LineMask): string {
  const shown = mask.redaction ? mask.redaction.fields(fields) : fields;
  let text: string;
  try {
    text = JSON.stringify(shown, (_key, value: unknown) => plain(value, mask));
  } catch (error) {
    // Whatever a handler logs, its line is kept.
    text = JSON.stringify({ not_shown: String(error) });
  }
  if (text === '{}') return '';
  return text.length <= longestFields ? text : JSON.stringify({ cut_off: clip(text, longestFields) });
}

/** What JSON has no form for. */
function plain(value: unknown, mask: LineMask): unknown {
  switch (typeof value) {
    case 'string':
      return hide(value, mask);
    case 'bigint':
      return hide(String(value), mask);
    case 'number':
      return mask.values.includes(String(value)) ? redacted : value;
    default:
      return value instanceof Error ? errorFields(value) : value;
  }
}

function errorFields(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return { name, ...(code !== undefined && { code }), message, stack, ...(cause !== undefined && { cause }) };
}

const clip = (text: string, longest: number): string => (text.length <= longest ? text : `${text.slice(0, longest)}…`);

/** Of the request's sensitive fields. One that cannot be read has none: its attempt fails before a handler sees it. */
export function sensitiveValuesOf(kind: string, payload: Uint8Array): string[] {
  const type = catalogue.kind(kind)?.requestType;
  if (type === undefined) return [];
  try {
    return sensitiveValues(type, decodeToJson(type, payload));
  } catch {
    return [];
  }
}
