import { TextDecoder } from 'node:util';
import { JobFailure } from '@roundhouse/jobs';
import { SaxesParser } from 'saxes';

export interface FlexElement {
  name: string;
  attributes: Record<string, string>;
  /** Line it ends on, from 1. */
  line: number;
}

const DEEPEST = 32;
const LARGEST_ELEMENT = 1024 * 1024;

/**
 * Opening tags of a Flex XML file as it streams in. Throws INVALID_INPUT for XML that is not well-formed, for a DOCTYPE
 * (nothing a broker sends needs entities of its own), and for elements that are too deep or too large to be honest.
 */
export async function* flexElements(name: string, chunks: AsyncIterable<Buffer>): AsyncIterable<FlexElement> {
  const refuse = (why: string): JobFailure =>
    new JobFailure('INVALID_INPUT', `${name} ${why}; export the Flex query as XML again`, { field: 'file' });
  const parser = new SaxesParser({});
  const decoder = new TextDecoder('utf-8');
  let found: FlexElement[] = [];
  let depth = 0;
  let sinceElement = 0;
  parser.on('doctype', () => {
    throw refuse('contains a DOCTYPE');
  });
  parser.on('error', (error) => {
    throw refuse(`is not well-formed XML (${error.message})`);
  });
  parser.on('opentag', ({ name: tag, attributes }) => {
    if (++depth > DEEPEST) throw refuse(`nests elements deeper than ${DEEPEST}`);
    sinceElement = 0;
    found.push({ name: tag, attributes, line: parser.line });
  });
  parser.on('closetag', () => void depth--);

  for await (const chunk of chunks) {
    sinceElement += chunk.length;
    if (sinceElement > LARGEST_ELEMENT) throw refuse(`has more than ${LARGEST_ELEMENT} bytes between two elements`);
    parser.write(decoder.decode(chunk, { stream: true }));
    const elements = found;
    found = [];
    yield* elements;
  }
  parser.write(decoder.decode()).close();
  yield* found;
}
