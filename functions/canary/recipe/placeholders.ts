/** The places that a recipe has for values, `{csrf}`, and whether something gives them. Pure. */
import type { Recipe, Step } from './recipe.ts';

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
