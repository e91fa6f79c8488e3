/** What each part of a canary's recipe means: the table of docs/canary.md, and the descriptions of the schema for editors. Pure. */
import { type Recipe, recipeSchema } from '../../functions/canary/contract/recipe.ts';
import { toJSONSchema } from '../../functions/shared/schema.ts';
import { withTable } from './figures-pages.ts';

const MEANINGS: Readonly<Record<Exclude<keyof Recipe, '$schema'>, string>> = {
  users:
    'Two accounts for the canary alone; without `b` the checks that need two are not made. A password is in an environment variable or in Secrets Manager (text, or JSON with a field `password`), never in the file. `shows` is what `who` shows of that user alone, if not the name: `"shows": "Anna Smith"`. Upper and lower case count.',
  login:
    'Steps: `get`, `post`, `put` or `delete`, with `form` or `json`, and `headers`. `{name}` and `{password}` are the user\'s. `take` keeps values of the answer. `wait` asks for a page again, every two seconds, until it has a text: `{ "for": "ready", "seconds": 20 }`.',
  who: 'A page that names the user who is logged in, and nobody otherwise. Its redirects are not followed: one to the login counts as nobody. After a log-out they are. Values that the login takes can be in its address and its `headers`: `"authorization": "Bearer {t}"`.',
  headers: 'Sent with each request to the site\'s own origin: `"accept": "application/json"`.',
  front:
    "What asks for a password before the site does, with `password` as of a user: HTTP Basic with `user`, a bearer token without. It goes to the site's own origin alone.",
  logout: 'Steps of a log-out, as those of a login.',
  slow: 'Steps whose last request takes two seconds or more and changes the session, such as an export or a report. Leave it out if you know none.',
  pages: 'At most five further pages that name the user, as `who`: a cookie can matter there alone. `[{ "get": "/admin" }]`',
  returns: "Steps of a return from a payment or sign-on page, the last of which is that page's POST.",
  release:
    'For a [session gate](gate.md): a page, and with `take` what it shows of its release: `{ "get": "/version", "take": { "json": "version" } }`, or `"take": { "header": "x-release" }`.',
  cart: 'For a session gate: `change` has steps that change a session, and the page `get` shows with `take` what it holds.',
  server: 'Where the answer of `who` names the server.',
  policy:
    'What you promise; each part can be left out. `sessionsPerUser`, and whether one login more `"surplus": "ends-oldest"` (the default) or `"refuses"`; `idleSeconds` and `absoluteSeconds`; `sameSite` (Strict and Lax are both fine by default); `loginsPerMinute` (no limit by default), `requestsPerMinute` (120) and `mostLogins` (20).',
  accept:
    'Findings that you accept, each with its reason, and with `cookie` only of the cookie of that name. They are reported, and do not fail the command.',
  http: 'Where plain HTTP is answered, if not at port 80 of the same host: `"http://shop.example.com:8080"`.',
  origins:
    'Other origins, without a path, that a login or a page after a log-out leads to: `["https://sso.example.com"]`. Any other redirect of a login ends the run.',
  jar: "Instead of `login`, for single sign-on, passkeys and browsers: a program with its words that prints the cookies of the user `{name}` as JSON, as Playwright's `context.cookies()` returns them.",
};

/** @throws Error when the page has no such table */
export const canaryPage = (page: string): string =>
  withTable(
    page,
    'part ',
    Object.entries(MEANINGS).map(([part, meaning]) => [`\`${part}\``, meaning]),
  );

/** For editors, which show the descriptions. */
export function describedRecipe() {
  const schema = toJSONSchema(recipeSchema);
  for (const [part, meaning] of Object.entries(MEANINGS)) Object.assign(schema.properties?.[part] ?? {}, { description: meaning });
  return schema;
}
