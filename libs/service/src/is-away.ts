// Nobody listens, the name is not known (yet), the network is cut; PostgreSQL is shutting down or starting up, or has no connection to spare.
const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
  '53300',
]);

// What the clients of PostgreSQL and RabbitMQ say without a code when the other end goes, or is a proxy before nobody. Of the numbers with which a
// broker closes a connection 320 says that it is being stopped; the others are refusals.
const awayMessages =
  /connection terminated|connection timeout|timeout expired|timeout exceeded when trying to connect|socket closed|unexpected close|connection (was )?(closed(?!: (?!320))|lost)|channel ended, no reply/i;

/** Whether a server could not be reached, as opposed to one that answers and refuses. */
export function isAway(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, errors, message, cause } = error as Partial<Record<'code' | 'errors' | 'message' | 'cause', unknown>>;
  if (typeof code === 'string' && awayCodes.has(code)) return true;
  // One error for each address of a name.
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isAway);
  return (typeof message === 'string' && awayMessages.test(message)) || isAway(cause);
}
