import { RE2JS } from 're2js';

/** Instructions of a compiled pattern: time goes with them times the length of the text. */
const largest = 300;

/** Longer texts are not matched. */
export const patternCharacters = 1_000;

/**
 * A pattern that a whole text has to match, in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax): no look-around and no
 * back-references, and so no pattern takes longer than in proportion to the text.
 * @throws Error that says what is wrong with it
 */
export function compiledPattern(source: string): (text: string) => boolean {
  const compiled = RE2JS.compile(source);
  if (compiled.programSize() > largest) throw new Error('its repetitions are too many');
  return (text) => compiled.matches(text);
}

/** Why a pattern cannot be used; undefined when it can. */
export function patternFault(source: string): string | undefined {
  try {
    compiledPattern(source);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
