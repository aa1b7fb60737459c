import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { newTraceparent, NestLogger, startServerSpan, type Logger } from '@roundhouse/telemetry';
import { context } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { consoleFolder, serveConsole } from '../console/console-files.js';
import { protobufContentType } from '../submission/binary-bulk.js';
import { ProblemFilter } from './problem.filter.js';
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

/** The REST server, listening. */
export async function startHttp(
  module: DynamicModule,
  { httpHost: host, httpPort: port, trustedProxies }: HttpConfig,
  log: Logger,
): Promise<NestFastifyApplication> {
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
  // Only the bulk route knows what to do with it; the others refuse a body that is no object.
  fastify.addContentTypeParser(protobufContentType, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  // Nest's own fastify type and the plugin's differ in generics only.
  await app.register(multipart as never, { limits: uploadLimits } as never);
  await app.register(cookie as never);
  await serveConsole(fastify, consoleFolder, problems);
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
