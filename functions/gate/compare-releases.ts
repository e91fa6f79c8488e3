/** Two releases of one site, on the same store: whether each shows the other one's users, by browsers that go to and fro. */
import { NoAnswer, RecipeFailed, RunStopped } from '../canary/contract/errors.ts';
import type { Recipe } from '../canary/contract/recipe.ts';
import { CookieJar, shownName } from '../canary/http/cookie-jar.ts';
import { type AskOptions, createPace } from '../canary/http/pace.ts';
import type { Send } from '../canary/http/send.ts';
import { wrongPassword } from '../canary/run.ts';
import { placeOf, readWho, Site, type SitePorts, type Who } from '../canary/site/site.ts';
import { Visitor } from '../canary/site/visitor.ts';
import { HoldfastError } from '../shared/errors.ts';
import { parseUrl } from '../shared/urls.ts';
import { compareCookies } from './compare-cookies.ts';
import { GATE_LIMITS, type GateAddresses, type GateFinding, type GateResult } from './contract.ts';

/** Something got in the way: nothing is known. */
class NotChecked extends HoldfastError {
  override readonly name = 'NotChecked';
}

/** `name` is of messages: `the old release`. */
type Release = { readonly name: string; readonly site: Site };
type UserName = 'a' | 'b';

const CART_ROUNDS = 3;
/** Before an experiment is made once more: one that a store's failover or a server's start has met is none. */
const AGAIN_MS = 2_000;
/** A release can answer a session that it cannot read with an error, which does not show that the site is down. */
const FOREIGN = { mayFail: true } as const;

export interface GateSetup extends Pick<SitePorts, 'clock' | 'passwords' | 'jarOf'> {
  readonly recipe: Recipe;
  readonly addresses: GateAddresses;
  readonly send: Send;
  /** In milliseconds since the epoch, where less time is left than a gate's own limit. */
  readonly untilMs?: number;
}

/** One gate within its limits, which both releases share. */
export function runGate({ recipe, addresses, send, untilMs: mostMs = Number.POSITIVE_INFINITY, ...ports }: GateSetup): Promise<GateResult> {
  const untilMs = Math.min(ports.clock.now() + GATE_LIMITS.seconds * 1000, mostMs);
  const pace = createPace(send, ports.clock, { ...recipe.policy, untilMs, mostRequests: GATE_LIMITS.requests });
  const siteOf = (url: string, other: string, headers: GateAddresses['oldHeaders']) => {
    // Another release's address is no place for a login to lead to.
    const origins = recipe.origins?.filter((origin) => new URL(origin).origin !== new URL(other).origin);
    return new Site(
      new URL(url),
      { ...recipe, headers: { ...recipe.headers, ...headers }, ...(origins && { origins }) },
      { ...ports, pace },
    );
  };
  return compareReleases(
    { name: 'the old release', site: siteOf(addresses.old, addresses.new, addresses.oldHeaders) },
    { name: 'the new release', site: siteOf(addresses.new, addresses.old, addresses.newHeaders) },
  );
}

/** The recipe of both sites names `release` and user b. Their pace is one: the limits are those of the gate. */
async function compareReleases(old: Release, next: Release): Promise<GateResult> {
  const visitors: Visitor[] = [];
  const findings: GateFinding[] = [];
  const notes: string[] = [];
  const { pace } = old.site;
  let reason: string | undefined;
  const open = () => visitors.filter(({ isLoggedIn }) => isLoggedIn);
  // Each step of a log-out, and a redirect after it.
  pace.keepBack(() => open().length * (old.site.recipe.logout?.length ?? 0) * 2);
  try {
    // A cache can have the page of one release for the other.
    for (const { site } of [old, next]) site.isPastCaches = true;
    await compare({ old, next, shown: new Map(), visitors, findings, notes });
  } catch (error) {
    const known = [NotChecked, RecipeFailed, NoAnswer, RunStopped].some((one) => error instanceof one);
    if (!known) throw error;
    reason = (error as Error).message;
  }
  pace.keepBack(() => 0);
  await Promise.all(open().map((visitor) => visitor.logOut().catch(() => {})));
  const result = { findings, notes, sent: { ...pace.sent } };
  // What was found before something got in the way is found.
  if (findings.length > 0) return { verdict: 'incompatible', ...result };
  return reason === undefined ? { verdict: 'compatible', ...result } : { verdict: 'not checked', reason, ...result };
}

interface Gate {
  readonly old: Release;
  readonly next: Release;
  readonly shown: Map<Release, string>;
  /** They are logged out at the end. */
  readonly visitors: Visitor[];
  readonly findings: GateFinding[];
  readonly notes: string[];
}

async function compare(gate: Gate): Promise<void> {
  const { old, next, findings, notes } = gate;
  if (old.site.base.protocol !== next.site.base.protocol)
    throw new NotChecked('one address is HTTPS and the other one is not: browsers keep other cookies there');
  await expectTwoReleases(gate);
  for (const release of [old, next]) await expectControls(gate, release);
  const a = await logIn(gate, old, 'a');
  const b = await logIn(gate, next, 'b').catch((error) => {
    const dropped = [...next.site.dropped].filter(([name]) => a.jar.list().some((one) => one.name === name) || !old.site.dropped.has(name));
    if (!(error instanceof NotChecked) || dropped.length === 0) throw error;
    findings.push(noCookie(dropped.map(([, why]) => why)));
  });
  if (b === undefined) return;
  const cookies = compareCookies(a.jar, old.site, b.jar, next.site);
  notes.push(...cookies.notes);
  await tryCookies(gate, a, cookies.twice);
  const ofA = await cross(gate, { from: old, to: next, user: 'a', first: a, witness: b });
  if (ofA.problem) findings.push(FORWARD[ofA.problem]);
  // What the new release has answered may be worth nothing at the old one.
  const witness = ofA.problem ? await logIn(gate, old, 'a') : ofA.browser;
  const ofB = await cross(gate, { from: next, to: old, user: 'b', first: b, witness });
  if (ofB.problem) findings.push(BACK[ofB.problem]);
  if (findings.length === 0) await compareCarts(gate, ofA.browser, ofB.browser);
  if (findings.length === 0) await compareLogOuts(gate, ofA.browser, ofB.browser);
  // A listener can have been switched meanwhile.
  await expectTwoReleases(gate);
}

/** Nothing else proves that the new address has the new release. */
async function expectTwoReleases(gate: Gate): Promise<void> {
  const { old, next, shown } = gate;
  for (const release of [old, next]) await expectRelease(gate, release, new Visitor(release.site, release.site.userOf('a')));
  if (shown.get(old) === shown.get(next))
    throw new NotChecked('both addresses show the same release by "release" of the recipe: the new one is not behind its address');
}

/** As it was shown first: a cookie of a load balancer can lead a browser back to the server that it knows. @returns false where it failed, and may */
async function expectRelease({ shown }: Gate, release: Release, visitor: Visitor, options?: AskOptions): Promise<boolean> {
  const { name } = release;
  const found = await shownRelease(visitor, options);
  if (found === undefined && options?.mayFail) return false;
  if (found === undefined) throw new NotChecked(`${name} does not show "release" of the recipe: the page was refused`);
  if (found !== (shown.get(release) ?? found)) throw new NotChecked(`the address of ${name} led to another release meanwhile`);
  shown.set(release, found);
  return true;
}

/** By `release` of its site's recipe. @returns undefined where the page was refused @throws what {@link Visitor.perform} does */
export async function shownRelease(visitor: Visitor, options?: AskOptions): Promise<string | undefined> {
  const { get, headers, take } = visitor.site.recipe.release as NonNullable<Recipe['release']>;
  const step = { get, ...(headers && { headers }), take: { release: take } };
  return (await visitor.perform([step], 'release', options))?.['release'];
}

/** Who has cookies of the old release logs in at the new one. Cookies that authenticate nobody are no user's loss. */
async function tryCookies(gate: Gate, a: Visitor, twice: readonly string[]): Promise<void> {
  const { next, findings, notes } = gate;
  if (twice.length === 0) return;
  const again = across(a, next);
  gate.visitors.push(again);
  await again.logIn();
  const sent = again.jar.sentTo(again.addressOf(0)).map(({ name }) => name);
  for (const name of twice.filter((one) => sent.filter((other) => other === one).length > 1)) {
    const without = again.replay(again.jar.filter((one) => one.name !== name));
    if ((await userAt(next, without)) === 'a') notes.push(`a browser keeps two cookies ${shownName(name)}, which authenticates nobody`);
    else findings.push(twoCookies(name));
  }
}

/** Of each release: nobody is shown without a login, or with a wrong password. */
async function expectControls(gate: Gate, release: Release): Promise<void> {
  const stranger = new Visitor(release.site, release.site.userOf('a'));
  await expectShown(release, stranger, 'nobody', 'without a login');
  if (release.site.recipe.login === undefined) return;
  gate.visitors.push(stranger);
  await stranger.logIn({ password: wrongPassword() }).catch((error) => {
    if (!(error instanceof RecipeFailed)) throw error;
  });
  await expectShown(release, stranger, 'nobody', 'after a login with a wrong password');
  stranger.isLoggedIn = false;
}

async function logIn(gate: Gate, release: Release, user: UserName): Promise<Visitor> {
  const visitor = new Visitor(release.site, release.site.userOf(user));
  gate.visitors.push(visitor);
  await visitor.logIn();
  await expectShown(release, visitor, user, `after the login of user ${user}`);
  return visitor;
}

async function expectShown(release: Release, visitor: Visitor, expected: Who, when: string): Promise<void> {
  const who = await userAt(release, visitor);
  if (who === expected) return;
  const seen = { a: 'user a', b: 'user b', nobody: 'nobody', unclear: 'an error, or both users' }[who];
  const dropped = [...visitor.site.dropped].map(([, why]) => `a cookie is dropped, which ${why}`);
  throw new NotChecked([`${release.name} shows ${seen} ${when}`, ...dropped].join(': '));
}

/** @throws NotChecked where the page leads to another origin */
async function userAt({ name, site }: Release, visitor: Visitor, options?: AskOptions): Promise<Who> {
  const answered = await visitor.askWho(options).catch((error) => {
    if (options?.mayFail && error instanceof NoAnswer) return undefined;
    throw error;
  });
  if (answered === undefined) return 'unclear';
  const { answer, url } = answered;
  const location = parseUrl(answer.headers['location'] ?? '', url.href);
  const problem = location === null || answer.status < 300 || answer.status > 399 ? undefined : site.problemOf(location);
  if (location !== null && problem)
    throw new NotChecked(
      `${name} redirects to ${placeOf(location)}, which ${problem}: give its address as users know it, with --resolve or a header that chooses the listener`,
    );
  return readWho(answer, site.shows);
}

/** A browser of this one's cookies at the other release, which has the same host for users. */
function across({ jar, site: from, user, values }: Visitor, { site }: Release): Visitor {
  const [before, after] = [from.base.hostname, site.base.hostname];
  const isAt = (domain: string | undefined) => domain === undefined || after === domain || after.endsWith(`.${domain}`);
  // What leads to a server of one release leads to none of the other's.
  const moved = jar
    .list()
    .filter(({ name }) => !from.isLoadBalancers(name))
    .map(({ domain, ...cookie }) => ({
      ...cookie,
      ...(domain !== undefined && isAt(domain) && { domain }),
      ...(cookie.host === before && { host: after }),
    }));
  const visitor = new Visitor(site, user, new CookieJar(moved));
  visitor.values = values;
  return visitor;
}

/** `lost`: the other release shows nobody. `rewritten`: it does, and its own release no longer. `replaced`: the id that it brought is dead. */
type Problem = 'lost' | 'rewritten' | 'replaced';
/** `browser`: at its own release, with what it has got on the way. */
type Crossing = { readonly problem?: Problem; readonly browser: Visitor };

/** What goes wrong is tried anew, while a browser of the other release is shown there: an outage is no fault of a release. */
async function cross(
  gate: Gate,
  { from, to, user, first, witness }: { from: Release; to: Release; user: UserName; first: Visitor; witness: Visitor },
): Promise<Crossing> {
  for (let own = first, attempt = 1; ; attempt++) {
    const brought = own.jar.copy();
    const there = across(own, to);
    const isProven = await expectRelease(gate, to, there.replay(), FOREIGN);
    const isThere = (await userAt(to, there, FOREIGN)) === user;
    if (isThere && !isProven) throw new NotChecked(`${to.name} shows a user, and not which release it is`);
    const back = across(there, from);
    const isBack = isThere && (await userAt(from, back, FOREIGN)) === user;
    if (isBack) own.jar = back.jar;
    if (isBack && (await userAt(from, own.replay(brought), FOREIGN)) === user) return { browser: own };
    const problem = isBack ? 'replaced' : isThere ? 'rewritten' : 'lost';
    if (!(await witness.isShown()))
      throw new NotChecked(`${to.name} does not show a session that nothing has ended, either: it may have been unable to answer`);
    if (attempt === 2) return { problem, browser: own };
    await own.site.clock.sleep(AGAIN_MS);
    // Where a user can have one session, a login is refused, or ends this one.
    await own.logOut().catch(() => {});
    own = await logIn(gate, from, user);
  }
}

const noCookie = (why: readonly string[]): GateFinding => ({
  ...{ check: 'cookies', what: `browsers do not keep the new release's cookie, which ${why.join(', and ')}` },
  ...{ roll: 'nobody can log in at a server with the new release', rollback: 'nothing more' },
});

const twoCookies = (name: string): GateFinding => ({
  ...{ check: 'cookies', what: `a browser keeps two cookies ${shownName(name)}, of other paths or domains, and sends both` },
  ...{ roll: 'who logs in again can stay logged out, or have an old session', rollback: 'the same' },
});

const BOTH_WAYS = 'users are logged out whenever they meet a server with the other release';
const FORWARD: Readonly<Record<Problem, GateFinding>> = {
  lost: {
    ...{ check: 'forward', what: 'the new release shows nobody with a session that the old one began' },
    ...{ roll: 'all who are logged in are logged out', rollback: 'those who have not met the new release keep their sessions' },
  },
  rewritten: {
    ...{ check: 'forward', what: 'once the new release has answered, the old one does not know the session any more' },
    ...{ roll: BOTH_WAYS, rollback: 'all whom the new release has answered are logged out' },
  },
  replaced: {
    ...{ check: 'forward', what: 'the new release gives another id, and the one that was brought is worth nothing from then on' },
    ...{ roll: 'requests that are under way with the id before show nobody', rollback: 'users keep the new id' },
  },
};
const BACK: Readonly<Record<Problem, GateFinding>> = {
  lost: {
    ...{ check: 'back', what: 'the old release shows nobody with a session that the new one began' },
    ...{ roll: 'who logs in at a new server is logged out by the next old one', rollback: 'all who have logged in since are logged out' },
  },
  rewritten: {
    ...{ check: 'back', what: 'once the old release has answered, the new one does not know its own session any more' },
    ...{ roll: BOTH_WAYS, rollback: 'nothing more' },
  },
  replaced: {
    ...{ check: 'back', what: 'the old release gives another id, and the one that was brought is worth nothing from then on' },
    ...{ roll: 'requests that are under way with the id before show nobody', rollback: 'users keep the new id' },
  },
};

const lostChange = (at: Release, other: Release, isNew: boolean): GateFinding => ({
  ...{ check: 'cart', what: `what ${at.name} has changed in a session, ${other.name} does not show` },
  ...{ roll: 'changes are lost from one request to the next', rollback: isNew ? 'changes of the new release are lost' : 'nothing more' },
});
const unreadableChange = (at: Release, other: Release, isNew: boolean): GateFinding => ({
  ...{ check: 'cart', what: `once ${at.name} has changed a session, ${other.name} shows nobody with it` },
  ...{ roll: BOTH_WAYS, rollback: isNew ? 'all whose session the new release has changed are logged out' : 'nothing more' },
});

/** What a session holds is changed by each release in turn, and each shows what the other one has changed. */
async function compareCarts(gate: Gate, browser: Visitor, witness: Visitor, attempt = 1): Promise<void> {
  const { old, next, findings, notes } = gate;
  const { cart } = old.site.recipe;
  if (cart === undefined) return void notes.push('what sessions hold was not compared: the recipe has no "cart"');
  const page = [{ get: cart.get, ...(cart.headers && { headers: cart.headers }), take: { shown: cart.take } }];
  const shownAt = async (visitor: Visitor, options?: AskOptions) => (await visitor.perform(page, 'cart', options))?.['shown'];
  // Who is not logged in can be sent to a page without a cart.
  const shownThere = (visitor: Visitor) =>
    shownAt(visitor, FOREIGN).catch((error) => {
      if (!(error instanceof RecipeFailed)) throw error;
      return undefined;
    });
  let visitor = browser;
  let known = await shownAt(visitor);
  for (let round = 0; round < CART_ROUNDS; round++)
    for (const [at, other] of [
      [old, next],
      [next, old],
    ] as const) {
      if ((await visitor.perform(cart.change, 'cart')) === undefined) throw new NotChecked(`${at.name} refused a step of "cart"`);
      const changed = await shownAt(visitor);
      if (changed === undefined || changed === known) throw new NotChecked(`a change of "cart" does not show at ${at.name}`);
      const own = visitor.replay();
      visitor = across(visitor, other);
      known = await shownThere(visitor);
      if (known === changed) continue;
      if ((await shownThere(visitor)) === changed || (await userAt(other, across(witness, other))) !== 'b')
        throw new NotChecked(`${other.name} did not show the page of "cart"`);
      const isShown = (await userAt(other, visitor.replay(), FOREIGN)) === 'a';
      // A release can delete what it cannot read, and another login can have ended the session.
      if (!isShown && attempt === 1 && (await userAt(at, own)) !== 'a') {
        const again = await logIn(gate, old, 'a');
        await compareCarts(gate, again, witness, 2);
        browser.jar = again.jar;
        return;
      }
      findings.push(isShown ? lostChange(at, other, at === next) : unreadableChange(at, other, at === next));
      return;
    }
  browser.jar = visitor.jar;
}

/** A log-out at the new release ends the session at the old one, as far as one at the old one does. What its steps are answered decides nothing. */
async function compareLogOuts({ old, next, findings, notes }: Gate, ofA: Visitor, ofB: Visitor): Promise<void> {
  if (old.site.recipe.logout === undefined) return void notes.push('log-outs were not compared: the recipe has no "logout"');
  const [there, copy] = [across(ofA, next), ofA.replay()];
  await there.logOut();
  const own = await userAt(old, across(there, old));
  const ended = own === 'nobody' ? await userAt(old, copy) : own;
  if (ended === 'unclear') throw new NotChecked('the old release could not answer after a log-out');
  if (ended === 'nobody') return;
  // Where sessions are in cookies alone, a copy of them outlives each log-out.
  const copyOfB = ofB.replay();
  const atOld = across(ofB, old);
  await atOld.logOut();
  if ((await userAt(old, own === 'nobody' ? across(copyOfB, old) : atOld)) === 'b') return;
  findings.push({
    ...{ check: 'log-out', what: 'after a log-out at the new release the old one still shows the user' },
    ...{ roll: 'who has logged out is logged in at old servers', rollback: 'who has logged out is logged in again' },
  });
}
