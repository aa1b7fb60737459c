import { Refusal } from '../files/refusal.js';
import { Channel } from './channel.js';
import { frame, messageFrame, messageOf } from './frames.js';
import { importRows } from './import-rows.js';
import { inspect } from './inspect.js';
import { preview } from './preview.js';
import type { SheetRequest } from './requests.js';

/**
 * Entry of the process that reads and writes files: one request, its answers, the end. Files are not trusted, so it has a heap cap, no
 * environment and no connections, and is killed when it takes too much or too long.
 */
const channel = new Channel();

async function* answers(request: SheetRequest): AsyncIterable<Buffer> {
  switch (request.type) {
    case 'inspect':
      yield messageFrame({ ok: await inspect(request) });
      return;
    case 'preview':
      yield messageFrame({ ok: await preview(request) });
      return;
    case 'import':
      yield* importRows(request);
  }
}

function failure(error: unknown): Buffer {
  if (error instanceof Refusal) return messageFrame({ refused: { message: error.message, field: error.field } });
  return messageFrame({ crash: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

for await (const first of channel.frames()) {
  try {
    for await (const answer of answers(messageOf<SheetRequest>(first))) await channel.send(answer);
    await channel.send(frame('end'));
  } catch (error) {
    await channel.send(failure(error));
  }
  await channel.flush();
  process.exit(0);
}
