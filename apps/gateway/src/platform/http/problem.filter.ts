import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { isTransientDatabaseError } from '@roundhouse/ledger';
import { inject, logLine, traceIdOf, type Logger } from '@roundhouse/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, problemStatus, type ProblemCode } from './problem.js';
import { readAway } from './unread-body.js';

export const problemContentType = 'application/problem+json; charset=utf-8';

const codeOfStatus = new Map<number, ProblemCode>(
  Object.entries(problemStatus).map(([code, status]) => [status, code as ProblemCode]),
);

/** Errors of Nest and Fastify (no route, body not JSON, too large) carry a status and a message for the client. */
function frameworkProblem(error: unknown): Problem | undefined {
  const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown }).statusCode;
  if (typeof status !== 'number' || status >= 500) return undefined;
  const message = error instanceof Error ? error.message : String(error);
  return new Problem(codeOfStatus.get(status) ?? 'invalid_request', message);
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const known = frameworkProblem(error);
  if (known) return known;
  if (isTransientDatabaseError(error)) {
    return new Problem('unavailable', 'The database does not answer; nothing was stored', {
      cause: error,
      retryAfterSeconds: 1,
    });
  }
  return new Problem('internal', 'The request failed for a reason that is not yours; the trace id helps to find it', {
    cause: error,
  });
}

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.send(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  send(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toProblem(error);
    const { method, url } = request;
    if (problem.status >= 500) logLine(this.log, 'http.failed', { err: problem.options.cause ?? problem, method, url });
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy(); // in the middle of a stream there is no other way to say that it is incomplete
      return;
    }
    readAway(reply);
    const { retryAfterSeconds, headers = {} } = problem.options;
    void reply.headers(headers);
    if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
    if (problem.code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
    const traceId = traceIdOf(request.traceparent ?? inject());
    void reply
      .status(problem.status)
      .type(problemContentType)
      .send(JSON.stringify(problem.document(traceId)));
  }
}
