/**
 * PostgreSQL stores no NUL in text and jsonb. Messages of errors quote whatever a handler has read, so one must not make
 * the outcome it came with impossible to store.
 */
export const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd');
