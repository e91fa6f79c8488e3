/**
 * What is true of an application's sessions, by one experiment per check. Of the canary it knows the names of checks and findings alone,
 * and what docs/canary.md says that each means.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Browser, type Cookie, type Place } from './browser.ts';

/** How one application is used. */
export interface Use {
  logIn(browser: Browser, user: string, password: string): Promise<unknown>;
  /** The page that names the user. */
  readonly who: string;
  /** Others that do, where another cookie matters. */
  readonly pages?: readonly string[];
  /** What that page shows of each user, if not the name. */
  readonly shows?: readonly [string, string];
  logOut(browser: Browser): Promise<unknown>;
}

export type Truth = Readonly<
  Record<string, { readonly findings: readonly string[]; readonly seen: unknown } | { readonly notChecked: string }>
>;

const LATE_MS = 66_000;
/** As in the recipes. */
const SESSIONS = 3;
const STICKY = 'AWSALB';

export class Experiments {
  readonly place: Place;
  readonly use: Use;
  readonly users: readonly [string, string];
  readonly passwords: readonly [string, string];
  /** What the page shows of each. */
  readonly shows: readonly [string, string];
  constructor(place: Place, use: Use, [users, passwords, shows]: readonly (readonly [string, string])[]) {
    Object.assign(this, { place, use });
    this.place = place;
    this.use = use;
    this.users = users as readonly [string, string];
    this.passwords = passwords as readonly [string, string];
    this.shows = shows ?? this.users;
  }

  get pages(): readonly string[] {
    return [this.use.who, ...(this.use.pages ?? [])];
  }

  /** The first user whom one of the pages shows. */
  async whoAnywhere(cookies: readonly Cookie[], isFollowed = false): Promise<'a' | 'b' | 'nobody'> {
    for (const page of this.pages) {
      const seen = await this.who(cookies, page, isFollowed);
      if (seen !== 'nobody') return seen;
    }
    return 'nobody';
  }

  async who(cookies: readonly Cookie[], page = this.use.who, isFollowed = false): Promise<'a' | 'b' | 'nobody'> {
    const browser = new Browser(this.place, cookies);
    const { status, body } = await (isFollowed ? browser.open(page) : browser.once(page));
    if (status !== 200) return 'nobody';
    return body.includes(this.shows[0]) ? 'a' : body.includes(this.shows[1]) ? 'b' : 'nobody';
  }

  async logIn(at: 0 | 1 = 0, browser = new Browser(this.place)): Promise<Browser> {
    await this.use.logIn(browser, this.users[at], this.passwords[at]);
    return browser;
  }

  /** @throws Error where the use is described wrongly, and nothing would be true */
  async control(): Promise<void> {
    const stranger = new Browser(this.place);
    await this.use.logIn(stranger, this.users[0], 'not-the-password');
    const seen = [
      await this.who((await this.logIn()).cookies),
      await this.who((await this.logIn(1)).cookies),
      await this.who(stranger.cookies),
    ];
    if (seen.join() !== 'a,b,nobody')
      throw new Error(`the page shows ${seen.join(', ')} after logins of a, of b and with a wrong password`);
  }

  /** Names of the cookies without which a page does not show the user: those that are a login's own, or all where a login has none. */
  async ids(): Promise<readonly string[]> {
    const [one, two, other] = [await this.logIn(), await this.logIn(), await this.logIn(1)];
    const [names, needed]: [string[], string[]] = [[], []];
    for (const { name, value } of one.cookies) {
      if (name === STICKY) continue;
      let isNeeded = false;
      for (const page of this.pages) {
        const fresh = await this.logIn();
        if ((await this.who(fresh.cookies, page)) !== 'a') throw new Error(`${page} does not show a user who is logged in`);
        if ((await this.who(without(fresh.cookies, name), page)) !== 'a') isNeeded = true;
      }
      const isSame = [two, other].some((browser) => browser.cookies.some((cookie) => cookie.name === name && cookie.value === value));
      if (isNeeded) needed.push(name);
      if (isNeeded && !isSame) names.push(name);
    }
    return names.length > 0 ? names : needed;
  }

  async newIdAtLogin(ids: readonly string[]) {
    const browser = new Browser(this.place);
    const steps: Cookie[][] = [];
    const open = browser.once.bind(browser);
    // The cookies that there are right before the password is sent.
    browser.once = (path, form) => {
      if (form) steps.push([...browser.cookies]);
      return open(path, form);
    };
    await this.logIn(0, browser);
    const before = steps[0] ?? [];
    return this.compare(ids, [before, browser.cookies], 'login');
  }

  async newIdAtReLogin(ids: readonly string[]) {
    const browser = await this.logIn();
    const before = [...browser.cookies];
    try {
      await this.logIn(0, browser);
    } catch (error) {
      return { notChecked: `a user who is logged in gets no form: ${(error as Error).message}` };
    }
    const after = [...browser.cookies];
    const answered = this.last();
    const isSame = ids.every((id) =>
      before.some(({ name, value }) => name === id && after.some((one) => one.name === name && one.value === value)),
    );
    if (isSame) {
      // A user who is logged in may be led past the login: then a wrong password does the same.
      await this.use.logIn(browser, this.users[0], 'not-the-password').catch(() => undefined);
      if (this.last() === answered) return { notChecked: 'a user who is logged in is led past the login, with a wrong password too' };
    }
    return this.compare(ids, [before, after], 're-login');
  }

  private last(): string {
    const { url, status } = this.place.answers.at(-1) ?? {};
    return `${status} ${url}`;
  }

  private async compare(ids: readonly string[], [before, after]: readonly [readonly Cookie[], readonly Cookie[]], when: string) {
    const there = before.filter(({ name }) => ids.includes(name));
    if (there.length === 0) return { notChecked: `there is no id before the ${when}` };
    const kept = there.filter((one) => after.some(({ name, value }) => name === one.name && value === one.value)).map(({ name }) => name);
    const old = await this.whoAnywhere(before);
    const seen = { before: there.map(({ name }) => name), kept, old };
    if (old !== 'a') return { findings: [], seen };
    return { findings: [kept.length === there.length ? `id-kept-at-${when}` : `old-id-alive-after-${when}`], seen };
  }

  async foreignId(ids: readonly string[]) {
    const findings: string[] = [];
    const seen: Record<string, string> = {};
    for (const id of ids) {
      const a = await this.logIn();
      const changed = await this.whoWith(a, id, change);
      const planted = new Browser(
        this.place,
        a.cookies.filter(({ name }) => name === id).map((one) => ({ ...one, value: invent(one.value) })),
      );
      const [{ value: invented } = { value: '' }] = planted.cookies;
      await this.logIn(0, planted);
      const afterwards = await this.whoWith(planted, id, () => invented);
      Object.assign(seen, { [`${id} changed`]: changed, [`${id} planted`]: afterwards });
      if (changed === 'a') findings.push(`altered-id-accepted ${id}`);
      if (afterwards === 'a') findings.push(`planted-id-adopted ${id}`);
    }
    return { findings, seen };
  }

  /** With another value of this cookie, on the pages that show nobody without it. */
  private async whoWith({ cookies }: Browser, id: string, make: (value: string) => string): Promise<'a' | 'b' | 'nobody'> {
    const changed = cookies.map((one) => (one.name === id ? { ...one, value: make(one.value) } : one));
    for (const page of this.pages)
      if ((await this.who(without(cookies, id), page)) !== 'a' && (await this.who(changed, page)) === 'a') return 'a';
    return 'nobody';
  }

  async replay() {
    const a = await this.logIn();
    const copy = [...a.cookies];
    await this.use.logOut(a);
    const own = await this.whoAnywhere(a.cookies);
    if (own === 'a') return { notChecked: 'the log-out logs nobody out' };
    const atOnce = await this.whoAnywhere(copy);
    await sleep(2_500);
    const soon = await this.whoAnywhere(copy);
    await sleep(LATE_MS);
    const late = await this.whoAnywhere(copy);
    const redirected = await this.whoAnywhere(copy, true);
    const findings = [soon, late, redirected].includes('a') ? ['alive-after-logout'] : [];
    return { findings, seen: { own, atOnce, soon, late, redirected } };
  }

  async limits() {
    const b = await this.logIn(1);
    const all: Browser[] = [];
    for (let times = 0; times < SESSIONS + 2; times += 1) all.push(await this.logIn());
    let alive = 0;
    for (const { cookies } of all) if ((await this.who(cookies)) === 'a') alive += 1;
    await this.use.logOut(all.at(-1) as Browser);
    const other = await this.who(b.cookies);
    return {
      'session-limit': { findings: alive > SESSIONS ? ['sessions-not-limited'] : [], seen: { logins: all.length, alive } },
      'other-user': { findings: other === 'b' ? [] : ['other-user-logged-out'], seen: other },
    };
  }
}

const without = (cookies: readonly Cookie[], name: string) => cookies.filter((cookie) => cookie.name !== name);

/** One character in the middle is another of the same kind. */
function change(value: string): string {
  const at = Math.floor(value.length / 2) + value.slice(Math.floor(value.length / 2)).search(/[A-Za-z0-9]/);
  const character = value[at] ?? '';
  return `${value.slice(0, at)}${next(character)}${value.slice(at + 1)}`;
}
const next = (one: string): string =>
  one === '9'
    ? '3'
    : one === 'f' || one === 'F' || one.toLowerCase() === 'z'
      ? one < 'a'
        ? 'A'
        : 'a'
      : String.fromCharCode(one.charCodeAt(0) + 1);
/** Of the same length and kind of characters; an escape stays as it is. */
const invent = (value: string): string =>
  value.replace(/%[0-9A-F]{2}|[0-9]|[a-f]|[g-z]|[A-Z]/g, (one) => {
    if (one.startsWith('%')) return one;
    const [from, size] = /\d/.test(one) ? ['0', 10] : /[a-f]/.test(one) ? ['a', 6] : /[g-z]/.test(one) ? ['g', 20] : ['A', 26];
    return String.fromCharCode((from as string).charCodeAt(0) + Math.floor(Math.random() * (size as number)));
  });
