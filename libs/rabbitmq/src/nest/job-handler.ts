import type { KindName, RequestOf, ResultOf } from '@roundhouse/contracts';
import type { JobContext } from '@roundhouse/jobs';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';

type HandlerMethod<K extends KindName> = (request: RequestOf<K>, context: JobContext) => Promise<ResultOf<K>>;

/**
 * Registers a controller's method as the handler of a job kind. The compiler checks the method against the kind's
 * messages; its parameters are always (request, context).
 */
export function JobHandler<K extends KindName>(kind: K) {
  return <T extends HandlerMethod<K>>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<T>,
  ): void => {
    Payload()(target, name, 0);
    Ctx()(target, name, 1);
    MessagePattern(kind)(target, name, descriptor);
  };
}
