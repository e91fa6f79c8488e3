import { MissingEnvironment } from './errors.ts';

/** A function's environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws MissingEnvironment when the variable is absent or empty */
export function required(environment: Environment, variable: string): string {
  const value = environment[variable];
  if (value === undefined || value === '') throw new MissingEnvironment(variable);
  return value;
}

/** The variable's value; an empty one counts as absent, because templates cannot omit a variable. */
export function optional(environment: Environment, variable: string): string | undefined {
  const value = environment[variable];
  return value === '' ? undefined : value;
}
