import { Refusal } from '../files/workbook/refusal.js';
import { Channel } from './channel.js';
import { frame, messageFrame, messageOf, type Frame } from './frames.js';
import { importRows } from './import-rows.js';
import { inspect } from './inspect.js';
import { preview } from './preview.js';
import type { SheetRequest } from './requests.js';
import { writeFile } from './write-file.js';

/**
 * Entry of the process that reads and writes files: one request, its answers, the end. Files are not trusted, so it has a heap cap, no
 * environment and no connections, and is killed when it takes too much or too long.
 */
const channel = new Channel();

async function* answers(request: SheetRequest, frames: AsyncIterator<Frame>): AsyncIterable<Buffer> {
  switch (request.type) {
    case 'inspect':
      yield messageFrame({ ok: await inspect(request) });
      return;
    case 'preview':
      yield messageFrame({ ok: await preview(request) });
      return;
    case 'import':
      yield* importRows(request);
      return;
    case 'write':
      yield* writeFile(request, frames);
  }
}

function failure(error: unknown): Buffer {
  if (error instanceof Refusal) return messageFrame({ refused: { message: error.message, field: error.field } });
  return messageFrame({ crash: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

const frames = channel.frames()[Symbol.asyncIterator]();
const first = await frames.next();
if (first.done) process.exit(0);
try {
  for await (const answer of answers(messageOf<SheetRequest>(first.value), frames)) await channel.send(answer);
  await channel.send(frame('end'));
} catch (error) {
  await channel.send(failure(error));
}
await channel.flush();
process.exit(0);
