/** Reads the configuration of an installation, and reports every rule that it breaks. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { isRecord, jsonProblem } from '../functions/shared/json.ts';
import { withRecipes } from './config/canary.ts';
import { explainIssue, type Problem, unfilledValues } from './config/explain-issue.ts';
import { type HoldfastConfig, installation } from './config/installation.ts';
import { brokenRules } from './config/rules.ts';

export type { FleetConfig } from './config/fleet.ts';
export type { HoldfastConfig, NamedFleet } from './config/installation.ts';

export const holdfastConfig = installation.superRefine((config, context) => {
  for (const { path, message } of brokenRules(config)) context.addIssue({ code: 'custom', path: [...path], message });
});

export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
  /** Node prints it where an app of the user's does not catch this: frames of our code say nothing there. */
  override readonly stack = `InvalidConfiguration: ${this.message}`;
}

/**
 * Reads a configuration file (JSON).
 * @param complete adds what the file leaves to where it is used
 * @throws InvalidConfiguration quoting the value and the rule
 */
export function readConfig(file: string, complete = (written: unknown): unknown => written): HoldfastConfig {
  return parseContent(complete(withRecipesOf(parseJson(readText(file), file), file)), file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidConfiguration(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Pass the file of another configuration: -c config=FILE to cdk, --config FILE to holdfast`,
    );
  }
}

/** The part of a configuration that is needed to find the deployed installation. */
const place = z.looseObject({
  ...installation.pick({ installation: true, account: true, region: true }).shape,
  fleets: z.record(z.string(), z.unknown()).catch({}),
});
export type ConfiguredPlace = Pick<z.output<typeof place>, 'installation' | 'account' | 'region' | 'fleets'>;

/**
 * Reads where the installation of a configuration file is deployed. All other keys are ignored, so that a command which needs none of them
 * also works with a file that another version of Holdfast wrote, or that is being edited.
 * @throws InvalidConfiguration when the file cannot be read, or names no valid place
 */
export function readPlace(file: string): ConfiguredPlace {
  return parsedBy(place, parseJson(readText(file), file), file);
}

function withRecipesOf(value: unknown, file: string): unknown {
  try {
    return withRecipes(value, path.dirname(file));
  } catch (error) {
    throw new InvalidConfiguration(`${file} is not valid:\n  ${(error as Error).message}`, { cause: error });
  }
}

/** Parses a configuration's text; errors begin with `source`. */
export function parseConfig(text: string, source: string): HoldfastConfig {
  return parseContent(parseJson(text, source), source);
}

function parseJson(text: string, source: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidConfiguration(`${source} is not valid JSON: ${jsonProblem(text, error)}`);
  }
  if (text.includes('${Token[')) {
    throw new InvalidConfiguration(`${source} contains a token of the CDK. Only content that is given to the construct can contain tokens`);
  }
  return value;
}

/** Parses a configuration's content; errors begin with `source`. */
export function parseContent(value: unknown, source: string): HoldfastConfig {
  const unfilled = unfilledValues(value);
  if (unfilled.length > 0) {
    const lines = unfilled.map(({ path, what }) => `${path}: ${what}`);
    throw new InvalidConfiguration(`${source} has values that are not filled in:\n  ${lines.join('\n  ')}`);
  }
  return parsedBy(holdfastConfig, withoutSchema(value), source);
}

function parsedBy<T>(schema: z.ZodType<T>, value: unknown, source: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => explainIssue(schema, issue, value));
  throw new InvalidConfiguration(`${source} is not valid:\n  ${problems.map((problem) => lineOf(problem, value)).join('\n  ')}`);
}

function lineOf({ path, what }: Problem, value: unknown): string {
  const found = path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown> | null | undefined)?.[key], value);
  return `${path} (${JSON.stringify(found, withoutPassword)?.slice(0, 120) ?? 'absent'}): ${what}`;
}

/** A password that is written where its secret's name belongs is refused, and must not be printed. */
const withoutPassword = (key: string, value: unknown): unknown => (key === 'password' && typeof value === 'string' ? '…' : value);

/** Editors find the rules of the keys by `$schema`. It is no setting. */
function withoutSchema(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { $schema, ...settings } = value;
  return typeof $schema === 'string' ? settings : value;
}
