/** A fleet's canary: the site that it examines on a schedule, and the recipe, which is a file of its own. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { MOST_RECIPE_BYTES } from '../../functions/canary/contract/environment.ts';
import { InvalidRecipe } from '../../functions/canary/contract/errors.ts';
import { readRecipe } from '../../functions/canary/contract/read-recipe.ts';
import { FRONT, type GateUsers, gateUsers, passwordSources, type Recipe, requestOf } from '../../functions/canary/contract/recipe.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { isRecord } from '../../functions/shared/json.ts';
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import { writtenAs } from './created-or-existing.ts';
import { whole } from './values.ts';

const WHERE = 'the recipe';
const inlineRecipe = z.record(z.string(), z.unknown());

const recipe = writtenAs(
  z.unknown().transform((value, context): Recipe => {
    try {
      if (typeof value === 'string')
        throw new InvalidRecipe(
          'is the name of a file: only a configuration that is read from a file can name one, so give the recipe itself',
        );
      return readRecipe(JSON.stringify(value) ?? '', WHERE);
    } catch (error) {
      if (!(error instanceof InvalidRecipe)) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: value });
      return z.NEVER;
    }
  }),
  z.string(),
  inlineRecipe,
) as unknown as z.ZodType<Recipe, string | Readonly<Record<string, unknown>>>;
z.globalRegistry.add(recipe, {
  description: 'file of the recipe, relative to the configuration, or the recipe itself; its passwords are in Secrets Manager',
});

/** Their schema is the recipe's, which has a page of its own. */
const twoUsers = writtenAs(
  z.unknown().transform((value, context): GateUsers => {
    const { data, error } = gateUsers.safeParse(value);
    for (const { path, message } of error?.issues ?? []) context.issues.push({ code: 'custom', path, message, input: value });
    return data ?? z.NEVER;
  }),
  inlineRecipe,
) as unknown as z.ZodType<GateUsers>;

export const canary = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .describe("the site's address, as its users have it: `https://shop.example.com/`"),
  recipe,
  gateUsers: twoUsers
    .optional()
    .describe("`a` and `b` of the session gate of deploys, like the recipe's users ([session gate](gate.md#in-holdfasts-own-deploys))"),
  everyMinutes: whole(1, 15).default(5).describe('minutes between two uses of a kept session, 1 to 15'),
});
export type CanaryConfig = z.output<typeof canary>;

/**
 * A configuration with its recipes in the place of their files' names.
 * @param folder of the configuration file @throws Error with a sentence when a file cannot be read
 */
export function withRecipes(config: unknown, folder: string): unknown {
  if (!isRecord(config) || !isRecord(config['fleets'])) return config;
  const fleets = Object.entries(config['fleets']).map(([name, fleet]) => {
    const part = isRecord(fleet) ? fleet['canary'] : undefined;
    if (!isRecord(fleet) || !isRecord(part) || typeof part['recipe'] !== 'string') return [name, fleet];
    return [name, { ...fleet, canary: { ...part, recipe: fileOf(path.resolve(folder, part['recipe']), `fleets.${name}.canary.recipe`) } }];
  });
  return { ...config, fleets: Object.fromEntries(fleets) };
}

function fileOf(file: string, key: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    // The parser's own message would quote the file.
    const why = error instanceof SyntaxError ? 'is not valid JSON' : `cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throw new Error(`${key}: ${file} ${why}`, { cause: error });
  }
}

export function canaryRules({
  canary: configured,
  allowPlainHttp,
}: {
  readonly canary?: CanaryConfig | undefined;
  readonly allowPlainHttp?: boolean | undefined;
}): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('canary');
  if (configured === undefined) return broken;
  const { url, recipe: given } = configured;
  const { username, password, search, hash, hostname, protocol } = new URL(url);
  if (protocol === 'http:' && !allowPlainHttp)
    refuse('is plain HTTP: the passwords would be read on the way; only a fleet with allowPlainHttp can have such an address', 'url');
  if (!allowPlainHttp) refusePlainHttp(configured, refuse);
  if (username !== '' || password !== '' || search !== '' || hash !== '')
    refuse('must be an address alone, without a user, a query or a fragment', 'url');
  if (hostname.startsWith('internal-'))
    refuse(
      `is an internal load balancer, which a function outside the VPC does not reach: run "${holdfast('canary')}" from inside the network instead`,
      'url',
    );
  if (given.jar !== undefined) refuse('runs a program, which only the command can: on a schedule a recipe needs "login"', 'recipe', 'jar');
  if (given.users.b === undefined)
    refuse('has no second user, whose session a schedule keeps to measure the idle time-out: add it', 'recipe', 'users', 'b');
  for (const [name, { secret }] of passwordSources(given))
    if (given.login !== undefined && secret === undefined)
      refuse(
        'names an environment variable: on a schedule a password is read from Secrets Manager, so give "secret"',
        ...(name === FRONT ? ['recipe', 'front'] : ['recipe', 'users', name === given.users.a.name ? 'a' : 'b']),
        'password',
      );
  const bytes = Buffer.byteLength(JSON.stringify(given));
  if (bytes > MOST_RECIPE_BYTES)
    refuse(`has ${bytes} bytes, and a function's environment has room for ${MOST_RECIPE_BYTES}: shorten it`, 'recipe');
  return broken;
}

/** Passwords and cookies that a login would send by plain HTTP, although the site's own address is HTTPS. */
function refusePlainHttp(
  { recipe: { origins = [], login = [] } }: CanaryConfig,
  refuse: ReturnType<typeof collectBrokenRules>['refuse'],
): void {
  const isPlain = (address: string) => /^http:/i.test(address);
  for (const [index, origin] of origins.entries())
    if (isPlain(origin))
      refuse(
        'is plain HTTP: what a login sends there would be read on the way; only a fleet with allowPlainHttp can list such an origin',
        ...['recipe', 'origins', String(index)],
      );
  for (const [index, step] of login.entries())
    if (isPlain(requestOf(step).target) && JSON.stringify([step.form, step.json, step.headers]).includes('{password}'))
      refuse(
        'sends {password} by plain HTTP: only a fleet with allowPlainHttp can have such a step',
        ...['recipe', 'login', String(index)],
      );
}
