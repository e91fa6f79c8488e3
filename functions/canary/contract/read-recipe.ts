import { didYouMean } from '../../shared/did-you-mean.ts';
import type * as z from '../../shared/schema.ts';
import { InvalidRecipe } from './errors.ts';
import { NAMES_OF_PARTS, type Recipe, recipeSchema, type Step } from './recipe.ts';

/** What is sent as it is written; users name their passwords' places. */
const partsWithFields = ({ login, logout, slow, returns, who, pages, headers, jar, cart, release }: Recipe) => ({
  ...{ login, logout, slow, returns, who, pages, headers, jar, cart, release },
});

/** The recipe in `text`. @param file its name, for messages @throws InvalidRecipe, which quotes nothing of a password */
export function readRecipe(text: string, file: string): Recipe {
  const unchanged = 'Nothing was sent. docs/canary.md describes a recipe';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidRecipe(`${file} is not valid JSON${lineOf(error, text)}. ${unchanged}.`);
  }
  for (const one of ['a', 'b'])
    if (typeof (value as { users?: Record<string, { password?: unknown }> })?.users?.[one]?.password === 'string')
      throw new InvalidRecipe(
        `users.${one}.password in ${file} is a text, and a password must not be in the file. ${unchanged}: give { "environment": "NAME" } or { "secret": "NAME" }.`,
      );
  const parsed = recipeSchema.safeParse(value);
  if (parsed.success) {
    const [unknown] = unknownNames(parsed.data);
    if (unknown !== undefined)
      throw new InvalidRecipe(
        `${unknown} in ${file} has no value. ${unchanged}: {name} has one, {password} in a login, and what an earlier step takes.`,
      );
    const [place] = findLiteralSecrets(partsWithFields(parsed.data));
    if (place === undefined) return parsed.data;
    throw new InvalidRecipe(
      `${place} in ${file} has a value of its own, and by its name that is a secret, which must not be in the file. ${unchanged}: give {password}, or what an earlier step takes.`,
    );
  }
  const problems = parsed.error.issues.map(problemText).toSorted((one, next) => Number(isMissing(next)) - Number(isMissing(one)));
  throw new InvalidRecipe(`${file} is not a valid recipe: ${problems.join('; ')}. ${unchanged}.`);
}

/** In plain words, for what is written most often: a part that is not there, and one that nobody knows. */
function problemText(issue: z.core.$ZodIssue): string {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${placeText([...path, key])} is not a part of a recipe${meant(key)}`).join('; ');
  if (issue.code === 'invalid_type' && message.endsWith('received undefined')) return `${placeText(path)}${MISSING}`;
  return `${placeText(path)}: ${message}`;
}
function meant(key: string): string {
  const [, name] = /mean (\w+)\?$/.exec(didYouMean(key, NAMES_OF_PARTS)) ?? [];
  return name === undefined ? '' : `, did you mean ${name}?`;
}
const MISSING = ' is missing';
const isMissing = (problem: string): boolean => problem.endsWith(MISSING);

/** Where the parser stopped: its own message would quote the file. */
function lineOf(error: unknown, text: string): string {
  const at = /position (\d+)/.exec(String(error))?.[1] ?? (/end of JSON/.test(String(error)) ? text.length : undefined);
  return at === undefined ? '' : `, in line ${text.slice(0, Number(at)).split('\n').length}`;
}

/**
 * Values of a recipe that are secrets by the name of their field: a recipe is a file that is committed, and becomes a part of a function's
 * environment. Pure. A name decides, never the look of a value, so that the same file is always refused for the same reason: a secret in
 * a field with another name is not noticed.
 */

const PLACEHOLDER = /\{[A-Za-z_]\w*\}/;
/** A form's "remember my password". */
const SWITCH = /^(|on|off|true|false|yes|no|0|1)$/i;
const SECRET_WORDS: ReadonlySet<string> = new Set(
  'password passwd passwort passphrase passcode pass pwd pin secret credential credentials'.split(' '),
);
/** Names of fields and headers that hold a secret, or their ends, without what is between their words: `x-api-key` ends with `apikey`. */
const SECRET_NAMES: ReadonlySet<string> = new Set(
  'apikey accesskey secretkey privatekey accesstoken apitoken authtoken bearertoken waftoken authorization proxyauthorization cookie'.split(
    ' ',
  ),
);

/** `j_password`, `userPassword`, `x-api-key`: the last word decides, or the last two. */
function namesSecret(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
  const [last = ''] = words.slice(-1);
  return SECRET_WORDS.has(last) || SECRET_NAMES.has(last) || SECRET_NAMES.has(words.slice(-2).join(''));
}

/** @returns where they are: `login, step 2: form.password` */
export function findLiteralSecrets(value: unknown, place: readonly string[] = []): readonly string[] {
  if (typeof value === 'string') return inAddress(value, place);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inside]) => {
    const here = [...place, name];
    if (isLiteral(inside) && namesSecret(name)) return [placeText(here)];
    return findLiteralSecrets(inside, here);
  });
}

const isLiteral = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && !SWITCH.test(value) && !PLACEHOLDER.test(value));

/** A query's name and its value, and an option of a program with its value. */
const inAddress = (text: string, place: readonly string[]): readonly string[] =>
  [...text.matchAll(/(?:^--?|[?&;])([\w.-]{1,60})=([^&;\s]*)/g)].flatMap(([, name = '', value = '']) =>
    namesSecret(name) && isLiteral(value) ? [`${placeText(place)} (${name})`] : [],
  );

/** The places that a recipe has for values, `{csrf}`, and whether something gives them. Pure. */

const PLACE = /\{([A-Za-z_]\w*)\}/g;
/** Names in the texts of a part, wherever they are. */
const namesIn = (part: unknown): readonly string[] => [...JSON.stringify(part ?? null).matchAll(PLACE)].map(([, name = '']) => name);
const withoutTake = ({ take: _, ...step }: Step) => step;

const STEPS: readonly unknown[] = ['login', 'logout', 'slow', 'returns'];

/** A place of the recipe, as messages and traces name it: `login, step 2: form.password`. @param path names, and numbers from 0 in lists */
export function placeText(path: readonly PropertyKey[]): string {
  const [part = 'the recipe', at, ...rest] = path.map(String);
  if (at === undefined || !/^\d+$/.test(at)) return [part, at, ...rest].filter((one) => one !== undefined).join('.');
  const place = `${part}, ${STEPS.includes(part) ? 'step ' : ''}${Number(at) + 1}`;
  return rest.length > 0 ? `${place}: ${rest.join('.')}` : place;
}

/** @returns each name that nothing gives, with the part that has it */
export function unknownNames({
  login = [],
  logout = [],
  slow = [],
  returns = [],
  who,
  pages = [],
  cart,
  release,
}: Recipe): readonly string[] {
  const problems: string[] = [];
  const look = (part: string, value: unknown, known: ReadonlySet<string>) => {
    for (const name of namesIn(value)) if (!known.has(name)) problems.push(`${part}: {${name}}`);
  };
  const through = (part: string, steps: readonly Step[], given: readonly string[]): ReadonlySet<string> => {
    const known = new Set(given);
    for (const [at, step] of steps.entries()) {
      look(placeText([part, at]), withoutTake(step), known);
      for (const name of Object.keys(step.take ?? {})) known.add(name);
    }
    return known;
  };
  const ofLogin = through('login', login, ['name', 'password']);
  const later = [...ofLogin].filter((name) => name !== 'password');
  for (const [part, steps] of Object.entries({ logout, slow, returns, cart: cart?.change ?? [] })) through(part, steps, later);
  for (const [part, value] of Object.entries({ who, cart: [cart?.get, cart?.headers] })) look(part, value, new Set(later));
  look('release', release, new Set());
  for (const [at, page] of pages.entries()) look(placeText(['pages', at]), page, new Set(later));
  return problems;
}

/** The session is a value that a login gives, and that is sent in a header or an address: it is in no cookie. */
export const isSessionSent = ({ who }: Pick<Recipe, 'who'>): boolean => namesIn(who).some((name) => name !== 'name');

/** The field "password" of a JSON object, or the whole text; undefined for an object without it. */
export function passwordIn(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return text;
  try {
    const { password } = JSON.parse(text) as { password?: unknown };
    return typeof password === 'string' ? password : undefined;
  } catch {
    return undefined;
  }
}
