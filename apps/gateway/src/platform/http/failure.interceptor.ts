import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { JobFailure, type FailureCode } from '@roundhouse/jobs';
import { catchError, throwError, type Observable } from 'rxjs';
import { Problem, type ProblemCode } from './problem.js';

const problemOf: Partial<Record<FailureCode, ProblemCode>> = {
  INVALID_INPUT: 'invalid_request',
  NOT_FOUND: 'not_found',
  FAILED_PRECONDITION: 'conflict',
  UNAVAILABLE: 'unavailable',
};

export function failureAsProblem(error: unknown): unknown {
  const code = error instanceof JobFailure ? problemOf[error.code] : undefined;
  if (!(error instanceof JobFailure) || !code) return error;
  const errors = error.field ? [{ path: error.field, message: error.message }] : undefined;
  return new Problem(code, error.message, { cause: error, errors });
}

/** Stores and storage fail as handlers do; a client gets the matching problem. */
@Injectable()
export class FailureInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError((error: unknown) => throwError(() => failureAsProblem(error))));
  }
}
