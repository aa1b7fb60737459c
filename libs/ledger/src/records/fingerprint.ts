import { createHash } from 'node:crypto';
import type { StoredError } from '../storage/index.js';

// What differs from one occurrence of the same fault to the next: ids, numbers, quoted values.
const variable =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|"[^"]*"|'[^']*'|\b0x[0-9a-f]+\b|\d+(\.\d+)?/gi;
const framesThatCount = 3;

/** "at async Importer.fetch (file:///app/libs/x/fetch.js:10:5)" → "Importer.fetch fetch.js". */
function frameName(line: string): string {
  const [, name, place = ''] = /^\s*at (?:async )?(?:(.*?) \()?(.*?)(?::\d+)*\)?$/.exec(line) ?? [];
  return `${name ?? ''} ${place.split('/').at(-1)}`;
}

const isOwn = (line: string): boolean => /^\s*at /.test(line) && !/node_modules|node:|<anonymous>/.test(line);

/**
 * The innermost functions of our own, at the root of the causes. Whether a handler has awaited anything before it fails
 * changes the frames of the runtime and of libraries between them, and where the code is installed changes their paths:
 * neither is another fault.
 */
function topFrames(stack: string | undefined): string {
  const causes = (stack ?? '').split('\ncaused by: ').map((part) => part.split('\n').filter(isOwn));
  const frames = causes.findLast((own) => own.length > 0) ?? [];
  return frames.slice(0, framesThatCount).map(frameName).join('|');
}

/** Groups deaths by their cause: the same for the same fault of the same contract version, whatever the payload. */
export function fingerprintOf(kind: string, version: number, { code, message, stack }: StoredError): string {
  const text = JSON.stringify([kind, version, code, message.replace(variable, '#'), topFrames(stack)]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Page of the console for a cause of death, below the gateway's address. */
export const failurePage = (fingerprint: string): string => `/failures/${encodeURIComponent(fingerprint)}`;
