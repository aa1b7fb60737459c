import { TextDecoder } from 'node:util';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { limits } from '../limits.js';
import { refusal } from '../refusal.js';

export interface XmlHandlers {
  /** Local name, without a namespace's prefix; attributes under their local names. */
  open?(name: string, attributes: Record<string, string>): void;
  close?(name: string): void;
  text?(text: string): void;
}

const local = (name: string): string => {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
};

function localAttributes(attributes: Record<string, string>): Record<string, string> {
  for (const name in attributes) if (name.includes(':')) attributes[local(name)] ??= attributes[name]!;
  return attributes;
}

/** UTF-8 unless a byte order mark says otherwise; office programs write nothing else. */
function decoderFor(first: Buffer): TextDecoder {
  if (first[0] === 0xff && first[1] === 0xfe) return new TextDecoder('utf-16le');
  if (first[0] === 0xfe && first[1] === 0xff) return new TextDecoder('utf-16be');
  return new TextDecoder('utf-8');
}

/**
 * Parses a part as it comes in; yields after every chunk, so that the caller can hand on what the handlers have gathered.
 * A DOCTYPE is refused (it is what entity bombs and external entities need; no workbook has one), so is what is nested deeper than
 * any workbook, and what is not well-formed.
 */
export async function* parseXml(part: AsyncIterable<Buffer>, name: string, handlers: XmlHandlers): AsyncIterable<void> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  let depth = 0;
  parser.on('error', (error) => {
    throw refusal(`${name} is not well-formed (${error.message}); save the file again`, error);
  });
  parser.on('doctype', () => {
    throw refusal(`${name} has a DOCTYPE, which no workbook needs and which can be used to read other files`);
  });
  parser.on('opentag', (tag) => {
    depth += 1;
    if (depth > limits.xmlDepth) throw refusal(`${name} is nested deeper than ${limits.xmlDepth} levels`);
    const { name: tagName, attributes } = tag as SaxesTagPlain;
    handlers.open?.(local(tagName), localAttributes(attributes));
  });
  parser.on('closetag', (tag) => {
    depth -= 1;
    handlers.close?.(local(tag.name));
  });
  if (handlers.text) {
    parser.on('text', (text) => handlers.text?.(text));
    parser.on('cdata', (text) => handlers.text?.(text));
  }
  let decoder: TextDecoder | undefined;
  for await (const chunk of part) {
    decoder ??= decoderFor(chunk);
    parser.write(decoder.decode(chunk, { stream: true }));
    yield;
  }
  parser.write(decoder?.decode() ?? '');
  parser.close();
  yield;
}

/** Parses a whole part. */
export async function readXml(part: AsyncIterable<Buffer>, name: string, handlers: XmlHandlers): Promise<void> {
  for await (const _ of parseXml(part, name, handlers));
}
