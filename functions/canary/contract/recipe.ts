import * as z from '../../shared/schema.ts';
import { FINDINGS } from './findings.ts';

/** The recipe: how two users log in, and what the site promises. A file of strict JSON. */

const MOST_STEPS = 8;
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;
/** A path of the site, a whole URL at one of `origins`, or one of these that an earlier step took. */
const TARGET = /^((\/(?![/\\])|https?:\/\/)[^\s#]*|\{[A-Za-z_]\w*\})$/;
/** Target of a request that no step comes before, so it cannot be an address that a step took. */
const PAGE = /^(\/(?![/\\])|https?:\/\/)[^\s#]*$/;
const METHODS = ['get', 'post', 'put', 'delete'] as const;
const DAY_SECONDS = 86_400;

/** A name of Secrets Manager, or a whole ARN: it becomes what a function's role can read, so that a wildcard would be a right to read more. */
const SECRET =
  /^([A-Za-z0-9/_+=.@-]{1,512}|arn:aws(-[a-z]+)*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6})$/;
const secretName = z
  .string()
  .check(
    z.regex(
      SECRET,
      'must be the name of a secret (letters, digits and /_+=.@-) or its whole ARN, which ends with a hyphen and six characters; no wildcard',
    ),
  );
/** An origin, or an address of which only the origin counts. */
const address = (pattern: RegExp) => z.matching(pattern).check(z.refine((text) => URL.canParse(text), 'is not a valid address'));

const label = z.text(1, 200);
const headers = z.record(z.matching(/^[A-Za-z0-9-]{1,60}$/), z.text(0, 500));

const take = z
  .strictObject({
    /** Value of `<input name=…>`. */
    input: z.optional(label),
    /** Content of `<meta name=…>`. */
    meta: z.optional(label),
    cookie: z.optional(label),
    header: z.optional(label),
    /** Names separated by dots: `session.csrf`. */
    json: z.optional(label),
    /** Where the form is sent to that has this id or name, or this text in its address; as a whole address. */
    action: z.optional(label),
    /** Where the link leads that has this text in its address; as a whole address. */
    link: z.optional(label),
    /** What is between these two texts, also in a script. */
    between: z.optional(z.tuple([label, label])),
  })
  .check(
    z.refine(
      (given) => Object.keys(given).length === 1,
      'must have exactly one of input, meta, cookie, header, json, action, link and between',
    ),
  );

const step = z
  .strictObject({
    get: z.optional(z.matching(TARGET)),
    post: z.optional(z.matching(TARGET)),
    put: z.optional(z.matching(TARGET)),
    delete: z.optional(z.matching(TARGET)),
    form: z.optional(z.record(z.string(), z.string())),
    json: z.optional(z.record(z.string(), z.unknown())),
    headers: z.optional(headers),
    take: z.optional(z.record(z.matching(NAME), take)),
    /** Asks for the page again, every two seconds, until it has this text. */
    wait: z.optional(z.strictObject({ for: label, seconds: z.whole(1, 60) })),
  })
  .check(
    z.refine(({ get, wait }) => get !== undefined || wait === undefined, 'has a wait and no get: only a page can be asked for again'),
    z.refine(
      (given) => METHODS.filter((method) => given[method] !== undefined).length === 1,
      'must have either get or post, or put or delete',
    ),
    z.refine(
      (given) => !METHODS.some((method) => given[method]?.includes('{password}')),
      'has {password} in its address: give it in form or json',
    ),
    z.refine(({ get, form, json }) => get === undefined || (form === undefined && json === undefined), 'has a body but no post'),
    z.refine(({ form, json }) => form === undefined || json === undefined, 'cannot have both form and json'),
  );
export type Step = z.infer<typeof step>;

export function requestOf(step: Step): { readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'; readonly target: string } {
  const method = METHODS.find((one) => step[one] !== undefined) ?? 'get';
  return { method: method.toUpperCase() as Uppercase<typeof method>, target: step[method] ?? '' };
}

const steps = z.array(step).check(z.minLength(1), z.maxLength(MOST_STEPS));

const password = z
  .strictObject({
    environment: z.optional(z.matching(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)),
    /** Name or ARN of a secret in Secrets Manager: text, or a JSON object with a field "password". */
    secret: z.optional(secretName),
  })
  .check(z.refine((given) => Object.keys(given).length === 1, 'must have either environment or secret'));
export type PasswordSource = z.infer<typeof password>;

const user = z.strictObject({
  name: z.text(3, 200),
  password,
  /** What the page of "who" shows of this user alone. @default the name */
  shows: z.optional(z.text(3, 200)),
});
export type User = z.infer<typeof user>;

export const gateUsers = z.strictObject({ a: user, b: user });
export type GateUsers = z.infer<typeof gateUsers>;

const policy = z
  .strictObject({
    sessionsPerUser: z.optional(z.whole(1, 1_000)),
    /** What one login too many does. @default ends-oldest */
    surplus: z.optional(z.enum(['ends-oldest', 'refuses'])),
    idleSeconds: z.optional(z.whole(1, 400 * DAY_SECONDS)),
    absoluteSeconds: z.optional(z.whole(1, 400 * DAY_SECONDS)),
    /** The site's own limit of logins, for one address or one user. @default no limit */
    loginsPerMinute: z.optional(z.whole(1, 60)),
    /** The site's own limit of requests, for one address. @default 120 */
    requestsPerMinute: z.optional(z.whole(1, 120)),
    /** Logins of a run: a site that ends a session for each wrong request takes more. @default 20 */
    mostLogins: z.optional(z.whole(20, 60)),
    /** @default Strict and Lax are both fine */
    sameSite: z.optional(z.enum(['Strict', 'Lax', 'None'])),
  })
  .check(
    z.refine(
      ({ idleSeconds, absoluteSeconds }) => idleSeconds === undefined || absoluteSeconds === undefined || idleSeconds <= absoluteSeconds,
      'idleSeconds must not be above absoluteSeconds',
    ),
    z.refine(({ sessionsPerUser, surplus }) => surplus === undefined || sessionsPerUser !== undefined, 'surplus needs sessionsPerUser'),
  );
export type Policy = z.infer<typeof policy>;

const page = z.strictObject({ get: z.matching(PAGE), headers: z.optional(headers) });

export const recipeSchema = z
  .strictObject({
    $schema: z.optional(z.string()),
    /** Without b the checks that need two users are not made. */
    users: z.strictObject({ a: user, b: z.optional(user) }),
    /** Steps of a login, with {name}, {password} and what earlier steps took. */
    login: z.optional(steps),
    /** Instead of login: a program with its words that prints the cookies of the user {name} as Playwright does. Command line only. */
    jar: z.optional(z.array(z.text(1, 1_000)).check(z.minLength(1), z.maxLength(20))),
    /** A page that names the user who is logged in. */
    who: page,
    /** Sent with each request, in the place of the canary's own. */
    headers: z.optional(headers),
    /** What asks for a password before the site does: HTTP Basic with a user, a bearer token without one. */
    front: z.optional(z.strictObject({ user: z.optional(z.text(1, 200)), password })),
    /** Further pages that name the user: a cookie can matter there alone. */
    pages: z.optional(z.array(page).check(z.maxLength(5))),
    logout: z.optional(steps),
    /** The last step takes a while, and changes the session. */
    slow: z.optional(steps),
    /** Steps of a return from another site, the last of which that site has the browser send: SAML, 3-D Secure. */
    returns: z.optional(steps),
    /** Where the answer of "who" names the server. */
    server: z.optional(take),
    /** Where each release shows which one it is: a session gate needs it. */
    release: z.optional(z.strictObject({ ...page.shape, take })),
    /** Steps that change a session, and the page that shows it: for a session gate. */
    cart: z.optional(z.strictObject({ change: steps, ...page.shape, take })),
    /** Where plain HTTP is answered. @default port 80 of the site's host */
    http: z.optional(address(/^http:\/\/[^/\s]+\/?$/)),
    /** Other origins that a login may lead to. */
    origins: z.optional(z.array(address(/^https?:\/\/[^/\s]+$/)).check(z.maxLength(10))),
    policy: z.optional(policy),
    accept: z.optional(
      z
        .array(z.strictObject({ finding: z.enum(FINDINGS), cookie: z.optional(label), reason: z.text(10, 500) }))
        .check(z.maxLength(2 * FINDINGS.length)),
    ),
  })
  .check(
    z.refine(({ login, jar }) => (login === undefined) !== (jar === undefined), 'must have either login or jar'),
    z.refine(({ users: { a, b } }) => a.name !== b?.name, 'users a and b must have different names'),
    z.refine(({ users: { a, b } }) => b === undefined || (!within(showsOf(a), showsOf(b)) && !within(showsOf(b), showsOf(a))), {
      message: 'what "who" shows of one user must not be part of what it shows of the other',
    }),
  );
export type Recipe = z.infer<typeof recipeSchema>;
/** What parts and their fields are called. */
export const NAMES_OF_PARTS: readonly string[] = [recipeSchema, user, step, take, page, policy].flatMap(({ shape }) => Object.keys(shape));
export type Take = z.infer<typeof take>;

/** Key of the front's password, among those of the users by their names. */
export const FRONT = '';

/** Where each password comes from, by the user's name. */
export const passwordSources = ({ users: { a, b }, front }: Recipe): readonly (readonly [string, PasswordSource])[] => [
  ...[a, ...(b ? [b] : [])].map(({ name, password: source }) => [name, source] as const),
  ...(front ? [[FRONT, front.password] as const] : []),
];

/** What the page of `who` has for this user alone. */
export const showsOf = ({ name, shows }: User): string => shows ?? name;

const within = (part: string, whole: string): boolean => whole.includes(part);
