import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { gauge, newTraceparent, NestLogger, startServerSpan, type Logger } from '@roundhouse/telemetry';
import { context } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { limitBodies } from './body-limits.js';
import { answerClientError } from './client-errors.js';
import { countStreams } from './event-stream.js';
import { takeJsonBodies } from './json-body.js';
import { refuseUnknownQueries } from './known-query.js';
import { KnownRoutes } from './known-routes.js';
import { ProblemFilter } from './problem.filter.js';
import { takeProtobufBodies } from './protobuf-body.js';
import './request.js';
import { uploadLimits } from './upload-limits.js';
import { checkPath } from './validation.js';

export interface HttpConfig {
  httpHost: string;
  httpPort: number;
  trustedProxies: string[];
  /** In milliseconds, as the next one. */
  httpHeadersTimeout: number;
  httpRequestTimeout: number;
}

export interface HttpParts {
  module: DynamicModule;
  config: HttpConfig;
  log: Logger;
  /** Decides who may go on; before anything of a body is read. */
  admit: (app: NestFastifyApplication, fastify: FastifyInstance) => void;
  /** Adds what is served beside the routes of the module. */
  addPages: (fastify: FastifyInstance, problems: ProblemFilter, routes: KnownRoutes) => Promise<void>;
}

/** The REST server, listening. */
export async function startHttp({ module, config, log, admit, addPages }: HttpParts): Promise<NestFastifyApplication> {
  const { httpHost: host, httpPort: port, trustedProxies } = config;
  const problems = new ProblemFilter(log);
  const adapter = new FastifyAdapter({
    ...timeouts(config),
    clientErrorHandler: answerClientError,
    forceCloseConnections: true,
    trustProxy: trustedProxies.length > 0 && trustedProxies,
    // A URL that cannot be decoded reaches no route.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      problems.send(error, request, reply),
  });
  const fastify = adapter.getInstance();
  traceRequests(fastify);
  limitBodies(fastify);
  const routes = new KnownRoutes(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(log),
    abortOnError: false,
    bodyParser: false, // Nest's takes forms as well; what is not JSON is refused
  });
  fastify.removeContentTypeParser('text/plain');
  takeJsonBodies(fastify);
  takeProtobufBodies(fastify);
  // Nest's own fastify type and the plugin's differ in generics only.
  await app.register(multipart as never, { limits: uploadLimits } as never);
  await app.register(cookie as never);
  refuseMisdirected(fastify, routes);
  admit(app, fastify);
  refuseUnknownQueries(fastify);
  await addPages(fastify, problems, routes);
  gauge('sseSubscribers', countStreams);
  await app.listen({ host, port });
  return app;
}

/** How long a client may take to send its headers, and all of a request. Who is too slow is found out at half that time at the latest. */
function timeouts({ httpHeadersTimeout, httpRequestTimeout }: HttpConfig) {
  const headersTimeout = Math.min(httpHeadersTimeout, httpRequestTimeout);
  return {
    requestTimeout: httpRequestTimeout,
    http: { headersTimeout, connectionsCheckingInterval: Math.ceil(headersTimeout / 2) },
  };
}

/** Requests that no route takes, or not with such a path, cost nothing further. */
function refuseMisdirected(fastify: FastifyInstance, routes: KnownRoutes): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) return done(routes.missing(request));
    checkPath(request.params);
    done();
  });
}

/** Every request runs inside its server span, so that what it stores carries its trace on. */
function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const span = startServerSpan(request.headers, request.method, request.routeOptions.url ?? 'unknown');
    request.serverSpan = span;
    request.receivedAt = performance.now();
    request.traceparent = span.traceparent || newTraceparent();
    context.with(span.span.context, done);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    request.serverSpan?.end(reply.statusCode);
    done();
  });
}
