export { JobFailure, toJobError, type FailureCode, type FailureOptions } from './job-failure.js';
