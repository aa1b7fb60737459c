import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { bodyLimitOf, operationMetadata, type OperationOptions, problemStatus } from '../http/index.js';
import { hoistDefinitions } from './hoist-definitions.js';
import { kindSchemas } from './kind-schemas.js';
import { z } from 'zod';

interface Route {
  method: string;
  path: string;
  operation: OperationOptions;
  handler: string;
}

function join(...parts: string[]): string {
  const path = parts
    .flatMap((p) => p.split('/'))
    .filter(Boolean)
    .join('/');
  return `/${path}`;
}

function routesOf(controller: Type): Route[] {
  const base = String(Reflect.getMetadata(PATH_METADATA, controller) ?? '');
  const prototype = controller.prototype as Record<string, object>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    const operation =
      typeof handler === 'function'
        ? (Reflect.getMetadata(operationMetadata, handler) as OperationOptions | undefined)
        : undefined;
    if (!handler || !operation) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number]?.toLowerCase() ?? 'get';
    const path = join(base, String(Reflect.getMetadata(PATH_METADATA, handler) ?? ''));
    return [
      {
        method,
        path: path.replaceAll(/:(\w+)/g, '{$1}'),
        operation,
        handler: `${controller.name.replace('Controller', '')}_${name}`,
      },
    ];
  });
}

/** What a client sends, not what the gateway makes of it (dates stay strings). */
const toSchema = (schema: z.ZodType): object => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return json;
};

function parameters({ path, operation }: Route): object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const query = Object.entries(operation.query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !(schema as z.ZodType).safeParse(undefined).success,
    schema: toSchema(schema as z.ZodType),
  }));
  const headers = Object.entries(operation.headers ?? {}).map(([name, description]) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  }));
  return [...inPath, ...query, ...headers];
}

function operationObject(route: Route): object {
  const { operation } = route;
  const { body, otherBodies = {}, response, status = 200, consumes = 'application/json' } = operation;
  const bodies = Object.entries({ ...(body && { [consumes]: body }), ...otherBodies });
  const content = {
    [response.contentType ?? 'application/json']: { schema: response.schema ? toSchema(response.schema) : {} },
  };
  return {
    operationId: route.handler,
    summary: operation.summary,
    tags: [operation.tag],
    security: operation.scope === 'public' ? [] : [{ apiKey: operation.scope === 'any' ? [] : [operation.scope] }],
    parameters: parameters(route),
    ...(bodies.length > 0 && {
      requestBody: {
        required: true,
        ...(consumes === 'application/json' && { description: `At most ${bodyLimitOf(operation)} bytes` }),
        content: Object.fromEntries(bodies.map(([type, schema]) => [type, { schema: toSchema(schema) }])),
      },
    }),
    responses: {
      [status]: { description: response.description, content },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(problemStatus) },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
    trace_id: { type: 'string' },
  },
};

/** The OpenAPI document, from the declarations that the routes themselves are checked by. */
export class OpenApi {
  private cached: object | undefined;

  constructor(
    private readonly controllers: Type[],
    private readonly version: string,
  ) {}

  document(): object {
    this.cached ??= this.build();
    return this.cached;
  }

  private build(): object {
    const paths: Record<string, Record<string, object>> = {};
    for (const route of this.controllers.flatMap(routesOf)) {
      paths[route.path] = { ...paths[route.path], [route.method]: operationObject(route) };
    }
    return hoistDefinitions({
      openapi: '3.1.0',
      info: { title: 'Roundhouse', version: this.version, description: 'Durable, typed background jobs' },
      paths,
      components: {
        securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'rh_<id>.<secret>' } },
        responses: {
          Problem: {
            description: 'What went wrong',
            content: { 'application/problem+json': { schema: problemSchema } },
          },
        },
        schemas: kindSchemas(),
      },
    });
  }
}
