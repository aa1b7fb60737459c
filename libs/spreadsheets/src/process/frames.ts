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

export function frame(type: FrameType, content: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32LE(content.length, 0);
  header.writeUInt8(frameTypes[type], 4);
  return Buffer.concat([header, content]);
}

export const messageFrame = (message: unknown): Buffer => frame('message', Buffer.from(JSON.stringify(message)));

export const messageOf = <T>({ content }: Frame): T => JSON.parse(content.toString('utf8')) as T;

/** The frames of a stream of bytes. */
export async function* framesOf(chunks: AsyncIterable<Buffer>): AsyncIterable<Frame> {
  let parts: Buffer[] = [];
  let held = 0;
  let wanted = headerBytes;
  for await (const chunk of chunks) {
    parts.push(chunk);
    held += chunk.length;
    // Joined only when a frame is complete: it may come in hundreds of pieces.
    if (held < wanted) continue;
    let bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    for (;;) {
      wanted = headerBytes;
      if (bytes.length < wanted) break;
      const length = bytes.readUInt32LE(0);
      const type = names[bytes.readUInt8(4)];
      if (!type || length > maxFrameBytes) throw new Error(`Not a frame: type ${bytes.readUInt8(4)}, ${length} bytes`);
      wanted = headerBytes + length;
      if (bytes.length < wanted) break;
      yield { type, content: bytes.subarray(headerBytes, wanted) };
      bytes = bytes.subarray(wanted);
    }
    parts = [bytes];
    held = bytes.length;
  }
}
