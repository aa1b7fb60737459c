/**
 * How a request comes in and an answer goes out: the server, the declaration of a route, checked input, problems, event streams. It does
 * not know who asks: what a route declares (`@Operation`) is enforced by `access` and described by `openapi`.
 */
export { bodyLimitOf, maxBulkBytes } from './body-limits.js';
export { EventStream, lastEventId, streamQuerySchema } from './event-stream.js';
export { FailureInterceptor } from './failure.interceptor.js';
export type { KnownRoutes } from './known-routes.js';
export { Operation, operationMetadata, type OperationOptions } from './operation.js';
export { ProblemFilter, toProblem } from './problem.filter.js';
export { type FieldError, Problem, type ProblemCode, problemStatus } from './problem.js';
export { protobufContentType } from './protobuf-body.js';
export { KeepRawBody } from './raw-body.js';
export { routeConfig } from './route-config.js';
export { startHttp } from './server.js';
export { storableName } from './storable-input.js';
export { trustedProxies } from './trusted-proxies.js';
export { maxUploadBytes } from './upload-limits.js';
export {
  check,
  type Checked,
  idSchema,
  mostInteger,
  nextSchema,
  pageFields,
  parse,
  parseId,
  timestampSchema,
} from './validation.js';
