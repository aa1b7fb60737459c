/** Results go to standard output; progress goes to standard error (progress.mjs). */
export function print(text) {
  process.stdout.write(`${text}\n`);
}

export function printJson(value) {
  print(JSON.stringify(value, null, 2));
}
