/** What is wrong with one field; `path` as in the request. */
export interface FieldError {
  path: string;
  message: string;
}

/** An answer of the gateway that is not a success. */
export class RoundhouseError extends Error {
  override readonly name = 'RoundhouseError';

  constructor(
    message: string,
    readonly status: number,
    /** The gateway's problem code, e.g. "invalid_request"; "unknown" when the answer was none of its own. */
    readonly code: string,
    readonly errors: readonly FieldError[] = [],
    /** From Retry-After; the same request may succeed after this time. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

interface ProblemDocument {
  code?: string;
  detail?: string;
  errors?: FieldError[];
}

export async function errorFrom(response: Response): Promise<RoundhouseError> {
  const text = await response.text();
  let problem: ProblemDocument = {};
  try {
    problem = JSON.parse(text) as ProblemDocument;
  } catch {
    // Not the gateway's own answer, a proxy's perhaps: its status says what there is to say.
  }
  const { code = 'unknown', detail = `HTTP ${response.status}`, errors = [] } = problem;
  const fields = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const message = fields ? `${detail} (${fields})` : detail;
  return new RoundhouseError(
    message,
    response.status,
    code,
    errors,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}
