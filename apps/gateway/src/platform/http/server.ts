import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { gauge, newTraceparent, NestLogger, startServerSpan, type Logger } from '@roundhouse/telemetry';
import { context } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { countStreams } from './event-stream.js';
import { ProblemFilter } from './problem.filter.js';
import { takeProtobufBodies } from './protobuf-body.js';
import { keepRawBodies } from './raw-body.js';
import './request.js';
import { uploadLimits } from './upload-limits.js';

// 1000 jobs of moderate size; a single payload is limited separately.
const maxBodyBytes = 16 * 1024 * 1024;

export interface HttpConfig {
  httpHost: string;
  httpPort: number;
  trustedProxies: string[];
}

export interface HttpParts {
  module: DynamicModule;
  config: HttpConfig;
  log: Logger;
  /** Adds what is served beside the routes of the module. */
  addPages: (fastify: FastifyInstance, problems: ProblemFilter) => Promise<void>;
}

/** The REST server, listening. */
export async function startHttp({ module, config, log, addPages }: HttpParts): Promise<NestFastifyApplication> {
  const { httpHost: host, httpPort: port, trustedProxies } = config;
  const problems = new ProblemFilter(log);
  const adapter = new FastifyAdapter({
    bodyLimit: maxBodyBytes,
    forceCloseConnections: true,
    trustProxy: trustedProxies.length > 0 && trustedProxies,
    // A URL that cannot be decoded reaches no route.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      problems.send(error, request, reply),
  });
  traceRequests(adapter);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(log),
    abortOnError: false,
    bodyParser: false, // Nest's takes forms as well; what is not JSON is refused
  });
  const fastify = adapter.getInstance();
  keepRawBodies(fastify);
  fastify.removeContentTypeParser('text/plain');
  takeProtobufBodies(fastify);
  // Nest's own fastify type and the plugin's differ in generics only.
  await app.register(multipart as never, { limits: uploadLimits } as never);
  await app.register(cookie as never);
  await addPages(fastify, problems);
  gauge('sseSubscribers', countStreams);
  await app.listen({ host, port });
  return app;
}

/** Every request runs inside its server span, so that what it stores carries its trace on. */
function traceRequests(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
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
