import { TextDecoder } from 'node:util';
import { refusal } from '../workbook/refusal.js';
import { XmlFault, XmlScanner, type XmlHandlers } from './xml-scanner.js';

/** UTF-8 unless a byte order mark says otherwise; office programs write nothing else. */
function decoderFor(first: Buffer): TextDecoder {
  if (first[0] === 0xff && first[1] === 0xfe) return new TextDecoder('utf-16le');
  if (first[0] === 0xfe && first[1] === 0xff) return new TextDecoder('utf-16be');
  return new TextDecoder('utf-8');
}

/**
 * Reads a part as it comes in; yields after every chunk, so that the caller can hand on what the handlers have gathered. Refuses what the
 * scanner does, with the part's name.
 */
export async function* parseXml(part: AsyncIterable<Buffer>, name: string, handlers: XmlHandlers): AsyncIterable<void> {
  const scanner = new XmlScanner(handlers);
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      throw error instanceof XmlFault ? refusal(`${name} ${error.message}`, error) : error;
    }
  };
  let decoder: TextDecoder | undefined;
  for await (const chunk of part) {
    decoder ??= decoderFor(chunk);
    const text = decoder.decode(chunk, { stream: true });
    guarded(() => scanner.write(text));
    yield;
  }
  guarded(() => {
    scanner.write(decoder?.decode() ?? '');
    scanner.close();
  });
  yield;
}

/** Reads a whole part. */
export async function readXml(part: AsyncIterable<Buffer>, name: string, handlers: XmlHandlers): Promise<void> {
  for await (const _ of parseXml(part, name, handlers));
}
