import type { z } from 'zod';

export interface ConfigProblem {
  variable: string;
  /** What is wrong and what is expected; never the value. */
  problem: string;
}

/** Every variable that is missing or wrong, in one message, so that one look at a failed start is enough. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    const width = Math.max(...problems.map(({ variable }) => variable.length));
    const lines = problems.map(({ variable, problem }) => `  ${variable.padEnd(width)}  ${problem}`);
    super(
      `Configuration has ${problems.length === 1 ? 'an error' : `${problems.length} errors`}:\n${lines.join('\n')}`,
    );
  }
}

/** `databaseUrl` is read from ROUNDHOUSE_DATABASE_URL. */
export function variableName(field: string): string {
  return `ROUNDHOUSE_${field.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()}`;
}

/** Our own messages say what is expected; zod's begin like this and say what was received. */
const foreign = /^(Invalid|Too|Unrecognized)/;

function describe(message: string, missing: boolean): string {
  if (missing) return foreign.test(message) ? 'is not set' : `is not set; expected ${message}`;
  return foreign.test(message) ? message : `expected ${message}`;
}

/**
 * The typed configuration of a service. The schema's fields are in camelCase, each read from the variable of its name
 * (`variableName`); a field with `.meta({ variable: 'OTHER_NAME' })` is read from that one. An empty variable counts as not set.
 * @throws ConfigError with all problems at once
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv = process.env): z.output<S> {
  const variables = new Map<string, string>();
  const input: Record<string, string> = {};
  for (const [field, type] of Object.entries(schema.shape)) {
    const named = (type as z.ZodType).meta()?.variable;
    const variable = typeof named === 'string' ? named : variableName(field);
    variables.set(field, variable);
    const value = env[variable];
    if (value !== undefined && value.trim() !== '') input[field] = value;
  }
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = new Map<string, ConfigProblem>();
  for (const issue of parsed.error.issues) {
    const field = String(issue.path[0] ?? '');
    const variable = variables.get(field) ?? '(configuration)';
    if (problems.has(variable)) continue;
    problems.set(variable, { variable, problem: describe(issue.message, field !== '' && !(field in input)) });
  }
  throw new ConfigError([...problems.values()]);
}
