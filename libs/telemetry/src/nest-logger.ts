import type { Logger } from './logger.js';

type Severity = 'debug' | 'error' | 'fatal' | 'info' | 'trace' | 'warn';

/**
 * Nest's own lines through our logger; implements `LoggerService` of @nestjs/common by shape. Nest passes the context's
 * name last, and to `error` the stack before it. What Nest tells at start (routes, modules) is debug to us.
 */
export class NestLogger {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }

  #write(level: Severity, message: unknown, rest: unknown[]): void {
    const context = rest.length > 0 && typeof rest.at(-1) === 'string' ? rest.pop() : undefined;
    const stack = level === 'error' ? rest.find((part) => typeof part === 'string') : undefined;
    const err = [message, ...rest].find((part) => part instanceof Error);
    const text = err instanceof Error && message === err ? err.message : message;
    const fields = { event: 'nest', context, stack: err === undefined ? stack : undefined, err };
    if (typeof text === 'string') this.logger[level](fields, text);
    else this.logger[level]({ ...fields, detail: text }, 'Nest');
  }
}
