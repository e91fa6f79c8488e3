import { MissingEnvironment } from './errors.ts';

/** A function's environment, as a handler is wired with it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws MissingEnvironment when the variable is absent or empty */
export function required(environment: Environment, variable: string): string {
  const value = environment[variable];
  if (value === undefined || value === '') throw new MissingEnvironment(variable);
  return value;
}

/** The variable's value; an empty one counts as absent, for templates cannot leave a variable out. */
export function optional(environment: Environment, variable: string): string | undefined {
  const value = environment[variable];
  return value === '' ? undefined : value;
}
