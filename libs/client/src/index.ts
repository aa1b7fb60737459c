export type { ServerEvent } from './event-stream.js';
export {
  isRetryable,
  RoundhouseClient,
  type ClientOptions,
  type Job,
  type JobToSubmit,
  type SubmitOptions,
  type Submitted,
  type Unique,
} from './roundhouse-client.js';
export { RoundhouseError, type FieldError } from './roundhouse-error.js';
