/** What goes through the channel between a process and its reader: type, length, content. */
export const frameTypes = { message: 1, batch: 2, bytes: 3, end: 4 } as const;
export type FrameType = keyof typeof frameTypes;

export interface Frame {
  type: FrameType;
  content: Buffer;
}

const headerBytes = 5;
/** No side ever sends as much at once: it means that the other one is not what it should be. */
const maxFrameBytes = 64 * 1024 * 1024;
const names = Object.fromEntries(Object.entries(frameTypes).map(([name, code]) => [code, name])) as Record<
  number,
  FrameType
>;

/** @param parts the content, in pieces */
export function frame(type: FrameType, ...parts: Buffer[]): Buffer {
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32LE(
    parts.reduce((sum, { length }) => sum + length, 0),
    0,
  );
  header.writeUInt8(frameTypes[type], 4);
  return Buffer.concat([header, ...parts]);
}

export const messageFrame = (message: unknown): Buffer => frame('message', Buffer.from(JSON.stringify(message)));

export const messageOf = <T>({ content }: Frame): T => JSON.parse(content.toString('utf8')) as T;

/**
 * The frames of a stream of bytes. The content of a frame is good until the next one is asked for: all of them share one buffer, for buffers
 * that are thrown away by the hundred are collected late.
 */
export async function* framesOf(chunks: AsyncIterable<Buffer>): AsyncIterable<Frame> {
  let buffer = Buffer.allocUnsafeSlow(64 * 1024);
  let from = 0;
  let to = 0;
  for await (const chunk of chunks) {
    if (to + chunk.length > buffer.length) {
      const held = to - from;
      const target = held + chunk.length > buffer.length ? Buffer.allocUnsafeSlow(2 * (held + chunk.length)) : buffer;
      buffer.copy(target, 0, from, to);
      [buffer, from, to] = [target, 0, held];
    }
    chunk.copy(buffer, to);
    to += chunk.length;
    for (;;) {
      if (to - from < headerBytes) break;
      const length = buffer.readUInt32LE(from);
      const type = names[buffer.readUInt8(from + 4)];
      if (!type || length > maxFrameBytes) throw new Error(`Not a frame: type ${buffer[from + 4]}, ${length} bytes`);
      const end = from + headerBytes + length;
      if (to < end) break;
      const content = buffer.subarray(from + headerBytes, end);
      from = end;
      yield { type, content };
    }
    if (from === to) from = to = 0;
  }
}
