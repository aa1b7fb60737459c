/// <reference lib="es2024.string" />

/** Text that can be stored: half a surrogate pair becomes U+FFFD, NUL is dropped (PostgreSQL takes neither). */
export function wellFormed(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '') : whole;
}
