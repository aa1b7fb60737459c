import { ErrorCode, JobError, JobError_Retry } from '@roundhouse/contracts';
import fc from 'fast-check';
import { JobFailure, toJobError, type FailureCode } from './job-failure.js';

const codes = Object.keys(ErrorCode).filter(
  (name) => Number.isNaN(Number(name)) && !['UNSPECIFIED', 'UNRECOGNIZED'].includes(name),
) as FailureCode[];

describe('JobFailure', () => {
  it('retries by its code, unless told otherwise', () => {
    const retried = codes.filter((code) => new JobFailure(code, '').retryable);
    expect(retried.sort()).toEqual(['INTERNAL', 'LOST', 'RATE_LIMITED', 'TIMEOUT', 'UNAVAILABLE']);
    expect(new JobFailure('INVALID_INPUT', '', { retry: true }).retryable).toBe(true);
    expect(new JobFailure('UNAVAILABLE', '', { retry: false }).retryable).toBe(false);
  });

  it('decides for every code of the contract', () => {
    for (const code of codes) expect(typeof new JobFailure(code, '').retryable).toBe('boolean');
  });

  it('makes whatever is thrown INTERNAL, with the original as its cause', () => {
    const original = new TypeError('x is undefined');
    expect(JobFailure.from(original)).toMatchObject({ code: 'INTERNAL', message: 'x is undefined', cause: original });
    expect(JobFailure.from('just text')).toMatchObject({ code: 'INTERNAL', message: 'just text', cause: 'just text' });
    expect(JobFailure.from(undefined).message).toBe('undefined');
    expect(JobFailure.from(new Error('')).message).toBe('The handler threw without a message');
    const failure = new JobFailure('NOT_FOUND', 'gone');
    expect(JobFailure.from(failure)).toBe(failure);
  });

  it.each([NaN, -1, Infinity, -Infinity])('takes a retry-after of %d for none', (retryAfterMs) => {
    expect(new JobFailure('RATE_LIMITED', '', { retryAfterMs }).retryAfterMs).toBeUndefined();
  });
});

describe('toJobError', () => {
  it('keeps code, field, retry and the stacks of all causes', () => {
    const failure = new JobFailure('INVALID_INPUT', 'row 3: no price', {
      field: 'rows[3].price',
      cause: new Error('middle', { cause: new Error('root') }),
    });
    const error = toJobError(failure);
    expect(error).toMatchObject({
      code: ErrorCode.INVALID_INPUT,
      message: 'row 3: no price',
      retry: JobError_Retry.NO,
      field: 'rows[3].price',
      retryAfter: undefined,
    });
    expect(error.stack.match(/caused by: Error: (middle|root)/g)).toHaveLength(2);
  });

  it('ends at a cause that is its own cause', () => {
    const circular = new Error('round');
    circular.cause = circular;
    expect(toJobError(JobFailure.from(circular)).stack.split('caused by').length).toBe(8);
  });

  it('writes every retry-after as a duration that protobuf can carry', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e10, noNaN: true }), (retryAfterMs) => {
        const error = toJobError(new JobFailure('RATE_LIMITED', '', { retryAfterMs }));
        const { retryAfter } = JobError.decode(JobError.encode(error).finish());
        expect(retryAfter!.nanos).toBeLessThan(1e9);
        expect(retryAfter!.seconds * 1000 + retryAfter!.nanos / 1e6).toBeCloseTo(retryAfterMs, -1);
      }),
    );
  });
});
