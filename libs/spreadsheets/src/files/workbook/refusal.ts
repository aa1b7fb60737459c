/**
 * A file, or what was asked about it, that cannot be used: with the reason and what to do. Thrown in the process that reads files; the
 * other side makes INVALID_INPUT of it. No JobFailure here, for that would load the whole contract into every such process.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    message: string,
    /** What is at fault: `file`, `header_row`, `mapping.<column>`. */
    readonly field: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/** A file that is not read, with the reason. */
export function refusal(message: string, cause?: unknown): Refusal {
  return new Refusal(message, 'file', cause);
}
