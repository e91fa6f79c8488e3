/** A browser of one user: logs in by the recipe's steps, asks who it is, logs out. */
import { parseUrl } from '../../shared/urls.ts';
import { RecipeFailed } from '../contract/errors.ts';
import { requestOf, type Step, type Take, type User } from '../contract/recipe.ts';
import { type Cookie, CookieJar, isCleared, shownName } from '../http/cookie-jar.ts';
import type { AskOptions } from '../http/pace.ts';
import { type HttpAnswer, type HttpRequest, PAST_CACHES, pastCaches } from '../http/send.ts';
import { bodyOf, fillIn } from './fill-in.ts';
import { addressOf, placeOf, readWho, type Site, type Who } from './site.ts';
import { decoded, takeValue } from './take-value.ts';

/** What Chromium sends with a request that another site begins: a cookie without SameSite is taken for a Lax one. */
const isSentCrossSite = ({ sameSite }: Cookie, { method }: HttpRequest): boolean =>
  sameSite === 'none' || (sameSite !== 'strict' && method === 'GET');
/** A page that has the browser send a POST here; it is asked for nothing. */
const OTHER_SITE = 'https://payment.example';
/** Between two looks at a page that comes later. */
const WAIT_MS = 2_000;
const MOST_REDIRECTS = 8;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const METHOD_KEPT: readonly number[] = [307, 308];

type Values = Readonly<Record<string, string>>;
interface OfPage {
  /** 0 is `who`, and `pages` follow. @default 0 */
  readonly page?: number;
}
interface StepOptions extends AskOptions {
  /** A redirect to an origin that the recipe does not list is not followed, and no error. @default false */
  readonly mayLeave?: boolean;
  /** They are asked for as those of `who` are. @default false */
  readonly arePages?: boolean;
}
interface Answered {
  readonly answer: HttpAnswer;
  readonly url: URL;
}

export class Visitor {
  readonly site: Site;
  readonly user: User;
  jar: CookieJar;
  /** The cookies that it had when the step with the password was sent. */
  beforePassword = new CookieJar();
  /** The cookies that it had when the last step of a login, a log-out or a slow request was sent. */
  beforeStep = new CookieJar();
  /** It has logged in, and taken no steps of a log-out since: it is logged out at the end. */
  isLoggedIn = false;
  values: Values = {};
  /** When it was last answered, in milliseconds since the epoch; 0 before that. */
  usedAtMs = 0;
  /** When its last login began, as `usedAtMs`. */
  loggedInAtMs = 0;
  /** Where its last login led, answer by answer, as status and path without parameters. Paths can have ids: it is compared, and never shown. */
  loginTrail = '';
  /** Status of its last answer; 0 before that. */
  lastStatus = 0;
  #trail: string[] = [];
  #fromOtherSite = false;

  constructor(site: Site, user: User, jar = new CookieJar()) {
    this.site = site;
    this.user = user;
    this.jar = jar;
  }

  /** A browser with a copy of these cookies. What it is sent changes nothing here. */
  replay(jar = this.jar): Visitor {
    const copy = new Visitor(this.site, this.user, jar.copy());
    copy.values = this.values;
    return copy;
  }

  async who(options?: AskOptions & OfPage): Promise<Who> {
    return readWho((await this.askWho(options)).answer, this.site.shows);
  }

  /** Whether the site shows this browser's user. What it sets otherwise is not kept: a page of an outage can clear cookies. */
  async isShown(options?: OfPage): Promise<boolean> {
    const copy = this.replay();
    const isShown = (await copy.who(options)) === (this.user.name === this.site.recipe.users.a.name ? 'a' : 'b');
    if (isShown) [this.jar, this.usedAtMs] = [copy.jar, copy.usedAtMs];
    return isShown;
  }

  /** The page itself: redirects are not followed. */
  async askWho({ page = 0, ...options }: AskOptions & OfPage = {}): Promise<Answered> {
    return this.#send(this.#pageOf(page), page === 0 ? 'who' : `pages, ${page}`, options);
  }

  /**
   * Asks `who` again after the browser has followed the redirects of its page: a sign-in there can log the user in again.
   * @throws RecipeFailed for a place outside `origins`
   */
  async whoAfterRedirects(): Promise<Who> {
    await this.#follow(this.#pageOf(0), 'who');
    return this.who();
  }

  addressOf(page: number): URL {
    return this.#pageOf(page).url;
  }

  /** Without a login a header that needs its value is not sent, and an address has nothing in its place. */
  #pageOf(at: number): HttpRequest {
    const { get, headers = {} } = this.site.pages[at] ?? this.site.recipe.who;
    const values: Values = { name: this.user.name, ...(this.site.sendsValues && this.values) };
    const filled = Object.entries(headers).flatMap(([name, value]) => {
      const isKnown = [...value.matchAll(/\{(\w+)\}/g)].every(([, one = '']) => values[one] !== undefined);
      return isKnown ? [[name.toLowerCase(), fillIn(value, values, 'who')] as const] : [];
    });
    const target = get.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
    const [url, own] = [this.site.urlOf(target), Object.fromEntries(filled)];
    return this.#pastCaches({ method: 'GET', url, headers: own });
  }

  #pastCaches(request: HttpRequest, isPage = true): HttpRequest {
    const { method, url, headers } = request;
    const isPast = isPage && this.site.isPastCaches && method === 'GET';
    return isPast ? { ...request, url: pastCaches(url), headers: { ...PAST_CACHES, ...headers } } : request;
  }

  /**
   * Goes through the steps of a login, and counts it. @param password @default the user's own
   * @returns whether every step was answered with success: only `who` decides whether it was a login
   * @throws RecipeFailed, RunStopped, NoAnswer
   */
  async logIn({ password = this.site.passwordOf(this.user), ...options }: AskOptions & { password?: string } = {}): Promise<boolean> {
    if (!options.atOnce) await this.site.pace.countLogin();
    const { login } = this.site.recipe;
    this.isLoggedIn = true;
    this.#trail = [];
    this.loggedInAtMs = this.site.clock.now();
    if (login !== undefined) {
      this.values = {};
      const values = await this.#take(login, 'login', { name: this.user.name, password }, options);
      const { password: _, ...taken } = values ?? {};
      this.values = taken;
      this.loginTrail = this.#trail.join(', ');
      const isOwn = this.user === this.site.recipe.users.a && password === this.site.passwordOf(this.user);
      if (isOwn && values !== undefined) this.site.given.push(this.jar.copy());
      return values !== undefined;
    }
    this.beforePassword = new CookieJar();
    this.jar = new CookieJar(await this.site.jarOf(this.user));
    return true;
  }

  /** Takes steps of another part of the recipe, pages past caches. @returns what they took; undefined once one is refused */
  perform(steps: readonly Step[], part: string, options?: AskOptions): Promise<Values | undefined> {
    return this.#take(steps, part, this.#known(), { ...options, arePages: true });
  }

  /** @returns whether every step was answered with success. Where it leads to another origin, it has happened. */
  async logOut(): Promise<boolean> {
    const steps = this.site.recipe.logout ?? [];
    const isDone = (await this.#take(steps, 'logout', this.#known(), { mayLeave: true })) !== undefined;
    if (isDone) this.isLoggedIn = false;
    return isDone;
  }

  /**
   * Takes the steps of a return, the last of which another site's page has the browser send. @returns whether every step was answered with success
   */
  async comeBack({ fromOtherSite }: { readonly fromOtherSite: boolean }): Promise<boolean> {
    const steps = this.site.recipe.returns ?? [];
    const values = await this.#take(steps.slice(0, -1), 'returns', this.#known());
    const last = steps.at(-1);
    if (values === undefined || last === undefined) return false;
    this.#fromOtherSite = fromOtherSite;
    const answers = await this.#step(last, `returns, step ${steps.length}`, values);
    this.#fromOtherSite = false;
    return (answers.at(-1)?.answer.status ?? 0) < 400;
  }

  /** Sends the recipe's slow request, once the steps before it are done. @returns its answer, which is still to come; undefined when a step was refused */
  async startSlow(timeoutMs: number): Promise<{ readonly answer: Promise<HttpAnswer> } | undefined> {
    const steps = this.site.recipe.slow ?? [];
    const values = await this.#take(steps.slice(0, -1), 'slow', this.#known());
    const last = steps.at(-1);
    if (values === undefined || last === undefined) return undefined;
    return {
      answer: this.#step(last, `slow, step ${steps.length}`, values, { timeoutMs }).then((answers) => (answers.at(-1) as Answered).answer),
    };
  }

  #known = (): Values => ({ ...this.values, name: this.user.name });

  /** @returns the values with what the steps took; undefined once a step is refused */
  async #take(steps: readonly Step[], part: string, given: Values, options?: StepOptions): Promise<Values | undefined> {
    let values = given;
    for (const [index, step] of steps.entries()) {
      const place = `${part}, step ${index + 1}`;
      this.beforeStep = this.jar.copy();
      if (JSON.stringify([step.form, step.json, step.headers]).includes('{password}')) this.beforePassword = this.beforeStep;
      const answers = await this.#step(step, place, values, options);
      if ((answers.at(-1)?.answer.status ?? 0) >= 400) return undefined;
      for (const [name, take] of Object.entries(step.take ?? {})) {
        const value =
          answers.map(({ answer, url }) => takeValue(answer, take, url)).findLast((one) => one !== undefined) ?? this.#cookieOf(take);
        if (value === undefined)
          throw new RecipeFailed(`${place}: {${name}} is not in the answer, which has no ${Object.entries(take).flat().join(' ')}`);
        values = { ...values, [name]: value };
      }
    }
    return values;
  }

  /** The value that a cookie has from an earlier answer: a site that sends a token in a cookie does not set it again with each answer. */
  #cookieOf({ cookie }: Take): string | undefined {
    return cookie === undefined ? undefined : decoded(this.jar.valueOf(cookie, this.site.base));
  }

  async #step(step: Step, place: string, values: Values, { arePages = false, ...options }: StepOptions = {}): Promise<Answered[]> {
    const { method, target } = requestOf(step);
    // A whole address was taken as one: what fills a part of it is a part.
    const url = this.site.urlOf(fillIn(target, values, place, target.startsWith('{') ? undefined : encodeURIComponent));
    const ask = () => this.#follow(this.#pastCaches({ method, url, ...bodyOf(step, values, place) }, arePages), place, options);
    const { wait } = step;
    if (wait === undefined) return ask();
    for (const untilMs = this.site.clock.now() + wait.seconds * 1_000; ; ) {
      const answers = await ask();
      if (answers.at(-1)?.answer.body.includes(wait.for)) return answers;
      if (this.site.clock.now() >= untilMs) throw new RecipeFailed(`${place}: no answer had the text of "wait" within ${wait.seconds} s`);
      await this.site.clock.sleep(WAIT_MS);
    }
  }

  /** @param place of the recipe, for messages: a path can have an id */
  async #follow(first: HttpRequest, place: string, { mayLeave = false, ...options }: StepOptions = {}): Promise<Answered[]> {
    let last = await this.#send(first, place, options);
    let request = first;
    const answers = [last];
    while (REDIRECTS.includes(last.answer.status)) {
      const { status, headers } = last.answer;
      if (answers.length > MOST_REDIRECTS) throw new RecipeFailed(`${place} redirects more than ${MOST_REDIRECTS} times`);
      const url = parseUrl(headers['location'] ?? '', request.url.href);
      if (url === null) throw new RecipeFailed(`${place} redirects to no valid address`);
      const problem = this.site.problemOf(url);
      if (problem && mayLeave) break;
      if (problem) throw new RecipeFailed(`${place} redirects to ${placeOf(url)}, which ${problem}`);
      // A password goes to the origin that the recipe names, and nowhere else.
      const isKept = METHOD_KEPT.includes(status) && url.origin === request.url.origin;
      request = isKept ? { ...request, url } : { method: 'GET', url, headers: {} };
      last = await this.#send(request, `${place} (redirect ${answers.length})`, options);
      answers.push(last);
    }
    return answers;
  }

  /** Browsers send it with what they send. */
  #originOf({ method, url }: HttpRequest): Readonly<Record<string, string>> {
    return method === 'GET' ? {} : { origin: this.#fromOtherSite ? OTHER_SITE : url.origin };
  }

  async #send(request: HttpRequest, place: string, options?: AskOptions): Promise<Answered> {
    const { url, headers } = request;
    const sent = this.#fromOtherSite ? this.jar.filter((one) => isSentCrossSite(one, request)) : this.jar;
    const [cookie, names] = [sent.header(url), sent.sentTo(url).map(({ name }) => shownName(name))];
    const answer = await this.site.pace.ask(
      {
        ...request,
        headers: { ...this.site.headersFor(url), ...this.#originOf(request), ...headers, ...(cookie !== undefined && { cookie }) },
      },
      options,
    );
    this.usedAtMs = this.site.clock.now();
    this.lastStatus = answer.status;
    // A new id for one that is dead, altered or not sent is no change of an id that works.
    const isShown = place === 'who' && ['a', 'b'].includes(readWho(answer, this.site.shows));
    for (const { name, value } of isShown ? sent.sentTo(url) : []) {
      const next = answer.setCookies.findLast((one) => one.name === name)?.value;
      (next === undefined || next === '' || next === value ? this.site.staying : this.site.changing).add(name);
    }
    const dropped = this.jar.store(answer.setCookies, url, this.usedAtMs);
    this.jar = this.jar.filter((one) => !isCleared(one, url, answer.headers['clear-site-data']));
    for (const { name, why } of dropped) this.site.dropped.set(name, why);
    const location = parseUrl(answer.headers['location'] ?? '', url.href);
    this.site.trace?.({
      ...{ place, method: request.method, address: addressOf(url, this.site.knownParts), status: answer.status },
      dropped: dropped.map(({ name, why }) => ({ name: shownName(name), why })),
      ...(answer.headers['location'] !== undefined && location !== null && { location: addressOf(location, this.site.knownParts) }),
      sent: names,
      set: [...new Set(answer.setCookies.map(({ name }) => shownName(name)))],
    });
    this.#trail.push(`${answer.status} ${url.origin}${url.pathname.replace(/;.*/, '')}`);
    this.site.note({ place, url, answer });
    return { answer, url };
  }
}
