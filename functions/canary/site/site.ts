/** The site under examination, for one run. */
import { parseUrl } from '../../shared/urls.ts';
import { RecipeFailed } from '../contract/errors.ts';
import { FRONT, type Recipe, requestOf, showsOf, type User } from '../contract/recipe.ts';
import { type Cookie, type CookieJar, type Dropped, isLoadBalancers, shownName } from '../http/cookie-jar.ts';
import type { Clock, Pace } from '../http/pace.ts';
import type { HttpAnswer } from '../http/send.ts';

/** All bodies that are kept, together. A character has at most two bytes, and the function 256 MB. */
export const MOST_KEPT_CHARACTERS = 16_777_216;

/** An answer of the site, for the checks that search what came. */
export interface Seen {
  /** The recipe's step, which messages name in place of the path: a path can contain an id. */
  readonly place: string;
  readonly url: URL;
  readonly answer: HttpAnswer;
}

/** A request and its answer, without anything that is secret. */
export interface Traced {
  readonly place: string;
  readonly method: string;
  /** Without a query, and of long random parts the beginning. */
  readonly address: string;
  readonly status: number;
  readonly location?: string;
  /** Names of cookies that were sent, and of those that the answer sets. */
  readonly sent: readonly string[];
  readonly set: readonly string[];
  /** Those of them that no browser keeps. */
  readonly dropped: readonly Dropped[];
}

export interface SitePorts {
  readonly pace: Pace;
  readonly clock: Clock;
  /** Passwords by the users' names. */
  readonly passwords: ReadonlyMap<string, string>;
  /** Gets each request of the controls. @default none */
  readonly trace?: (traced: Traced) => void;
  /** Cookies of a user whose login is not made of steps. */
  jarOf(user: User): Promise<readonly Cookie[]>;
}

/** As a browser: WordPress, for one, leaves the user's name out of a page where JSON would do. */
const HEADERS = { 'user-agent': 'holdfast-canary', accept: 'text/html,*/*;q=0.8' };

/** An address for messages, without its path. */
export const placeOf = ({ origin, protocol }: URL): string =>
  /^https?:$/.test(protocol) ? shownName(origin) : `an address that begins with ${shownName(protocol.slice(0, 20))}`;

/** Words, as paths have them: anything else can be an id. */
const WORDS = /^[a-z]{1,16}(?:[-_.][a-z]{1,16}){0,4}$/i;

/** Parts of paths that stand in the recipe as they are. */
const partsIn = (recipe: Recipe): ReadonlySet<string> => {
  const { login = [], logout = [], slow = [], returns = [], who, pages = [], cart, release } = recipe;
  const more = [...(cart ? [...cart.change, cart] : []), ...(release ? [release] : [])];
  const targets = [...login, ...logout, ...slow, ...returns, who, ...pages, ...more].map((one) =>
    requestOf(one).target.replace(/[?].*/, ''),
  );
  return new Set(targets.flatMap((target) => target.split('/')));
};

/** An address for a trace: its query, its parameters, and what of its path is no word can hold an id. @param known parts of paths that hold none */
export const addressOf = ({ origin, pathname }: URL, known: ReadonlySet<string> = new Set()): string => {
  const shown = pathname
    .replace(/;.*/, '')
    .split('/')
    .map((part) => (part === '' || WORDS.test(part) || known.has(part) ? part : '…'));
  return `${shownName(origin)}${shown.join('/')}`;
};

export class Site {
  readonly base: URL;
  readonly recipe: Recipe;
  readonly pace: Pace;
  readonly clock: Clock;
  /** The page of `who`, and the further ones that show who is logged in. */
  readonly pages: readonly Recipe['who'][];
  readonly shows: Shows;
  readonly knownParts: ReadonlySet<string>;
  readonly #own: Readonly<Record<string, string>>;
  /** Why browsers do not keep cookies that it sets, by their names. */
  readonly dropped = new Map<string, string>();
  /** What A's browser has after each of its logins. */
  readonly given: CookieJar[] = [];
  /** Whether pages are asked for with what the login takes. */
  sendsValues = true;
  /** Whether pages are asked for past caches. */
  isPastCaches = false;
  /** Names of the cookies that an answer of a page gave another value, and of those that one left as they were sent. */
  readonly changing = new Set<string>();
  readonly staying = new Set<string>();
  /** Everything that the site has answered; without the body where there was no room for it. */
  readonly seen: Seen[] = [];
  #room = MOST_KEPT_CHARACTERS;
  #notKept = 0;
  /** Gets each request, until it is removed. */
  trace: SitePorts['trace'];
  readonly #ports: SitePorts;
  readonly #allowed: ReadonlySet<string>;

  constructor(base: URL, recipe: Recipe, ports: SitePorts) {
    this.base = base;
    this.recipe = recipe;
    this.pace = ports.pace;
    this.clock = ports.clock;
    const { a, b } = recipe.users;
    this.shows = { a: showsOf(a), ...(b && { b: showsOf(b) }) };
    const own = Object.entries(recipe.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
    this.#own = Object.fromEntries(own);
    this.pages = [recipe.who, ...(recipe.pages ?? [])];
    this.knownParts = partsIn(recipe);
    this.#ports = ports;
    this.trace = ports.trace;
    this.#allowed = new Set([base.origin, ...(recipe.origins ?? []).map((origin) => new URL(origin).origin)]);
  }

  /** @throws RecipeFailed for an origin that the recipe does not list, and for what a step took that is no address */
  urlOf(target: string): URL {
    const url = parseUrl(target, this.base.href);
    if (url === null) throw new RecipeFailed('what an earlier step took is not a valid address');
    const problem = this.problemOf(url);
    if (problem) throw new RecipeFailed(`${placeOf(url)} ${problem}`);
    return url;
  }

  /** Why an address is not asked for, as the end of a sentence; undefined for one that is. */
  problemOf({ origin, protocol, username, password }: URL): string | undefined {
    // A `blob:` has the origin of what is behind it, and nothing that HTTP could ask for.
    if (!/^https?:$/.test(protocol) || !this.#allowed.has(origin)) return 'is neither the site\'s origin nor one of "origins"';
    // Node.js would send them in a header that no step asks for.
    return username !== '' || password !== '' ? 'has a user or a password in its address' : undefined;
  }

  /** Sent with each request: the recipe's own headers, and what the front asks for, to the site's own origin alone. */
  headersFor({ origin }: URL): Readonly<Record<string, string>> {
    const { front } = this.recipe;
    if (origin !== this.base.origin) return HEADERS;
    if (front === undefined) return { ...HEADERS, ...this.#own };
    const password = this.#ports.passwords.get(FRONT) ?? '';
    const credentials = front.user === undefined ? password : Buffer.from(`${front.user}:${password}`).toString('base64');
    return { ...HEADERS, ...this.#own, authorization: `${front.user === undefined ? 'Bearer' : 'Basic'} ${credentials}` };
  }

  /** Whether the cookie leads to a server: one of the kinds that are known, or the one that the recipe says names it. */
  isLoadBalancers(name: string): boolean {
    return isLoadBalancers(name) || name === this.recipe.server?.cookie;
  }

  /** @throws RecipeFailed for a second user that the recipe does not have */
  userOf(which: 'a' | 'b'): User {
    const user = this.recipe.users[which];
    if (user === undefined) throw new RecipeFailed(`the recipe has no user ${which}`);
    return user;
  }

  passwordOf({ name }: User): string {
    return this.#ports.passwords.get(name) ?? '';
  }

  jarOf(user: User): Promise<readonly Cookie[]> {
    return this.#ports.jarOf(user);
  }

  get notKept(): number {
    return this.#notKept;
  }

  note(seen: Seen): void {
    const { body } = seen.answer;
    const fits = body.length <= this.#room;
    if (fits) this.#room -= body.length;
    else this.#notKept += 1;
    this.seen.push(fits ? seen : { ...seen, answer: { ...seen.answer, body: '' } });
  }
}

/** Whom a page shows. `unclear`: the server could not answer, or shows both users. */
export type Who = 'a' | 'b' | 'nobody' | 'unclear';
/** What the page has for each user alone. */
export interface Shows {
  readonly a: string;
  readonly b?: string;
}

export function readWho({ status, body }: Pick<HttpAnswer, 'status' | 'body'>, shows: Shows): Who {
  if (status >= 500) return 'unclear';
  if (status < 200 || status > 299) return 'nobody';
  const [a, b] = [body.includes(shows.a), shows.b !== undefined && body.includes(shows.b)];
  if (a && b) return 'unclear';
  return a ? 'a' : b ? 'b' : 'nobody';
}
