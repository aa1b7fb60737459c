/** What the command line tells its user instead of a stack trace: a message that says what to do, and the exit code. */
export class Failure extends Error {
  constructor(message, { exitCode = 1, cause } = {}) {
    super(message, { cause });
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

/** A wrong verb or flag: exit code 2. */
export class UsageFailure extends Failure {
  constructor(message) {
    super(message, { exitCode: 2 });
    this.name = 'UsageFailure';
  }
}
