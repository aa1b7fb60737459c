const special = /[\\\t\n\r]/;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value as PostgreSQL's COPY takes it in text format (PostgreSQL manual, COPY, "Text Format"). */
function copyValue(value: string | undefined): string {
  if (value === undefined) return '\\N';
  return special.test(value) ? value.replace(/[\\\t\n\r]/g, (character) => escapes[character]!) : value;
}

/** A row for COPY, with the end of its line. */
export function copyLine(values: readonly (string | undefined)[]): string {
  let line = copyValue(values[0]);
  for (let i = 1; i < values.length; i += 1) line += `\t${copyValue(values[i])}`;
  return `${line}\n`;
}
