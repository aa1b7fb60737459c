import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { ApiKeyScope } from '@roundhouse/ledger';
import type { z } from 'zod';
import { routeConfig } from './route-config.js';

/** What the OpenAPI document says of a route. Its scope is enforced by the guard from the same declaration. */
export interface OperationOptions {
  summary: string;
  /** Heading in the document. */
  tag: string;
  /** 'public': no API key; 'any': whatever the key's scopes are. */
  scope: ApiKeyScope | 'public' | 'any';
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Bodies of other content types that the route takes as well. */
  otherBodies?: Record<string, z.ZodType>;
  /** Content type of the body. @default application/json */
  consumes?: string;
  /** Most bytes of a body; of forms with files another thing (`uploadLimits`). @default `maxBodyBytes` */
  maxBodyBytes?: number;
  /** Status and description of success. @default 200 */
  status?: number;
  response: { description: string; schema?: z.ZodType; contentType?: string };
  headers?: Record<string, string>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent: the route is none of the API's, but a page or file of the console. */
    operation?: OperationOptions;
  }
}

export const operationMetadata = 'roundhouse:operation';

export const Operation = (operation: OperationOptions): MethodDecorator =>
  applyDecorators(SetMetadata(operationMetadata, operation), routeConfig({ operation }));
