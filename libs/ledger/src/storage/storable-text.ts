/**
 * What may be stored as text, said here for the whole platform: PostgreSQL has no NUL in text and jsonb, and half of a surrogate pair is no
 * character in UTF-8. Undefined: there is nothing wrong with it.
 */
export function textFault(text: string): string | undefined {
  if (text.includes('\0')) return 'holds the character NUL, which cannot be stored';
  return text.isWellFormed() ? undefined : 'holds half of a surrogate pair, which is no character';
}

/**
 * The text as far as it can be stored. Messages of errors quote whatever a handler has read, so one must not make the outcome it came with
 * impossible to store.
 */
export const storable = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed();
