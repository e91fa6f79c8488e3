/** The experiments without which no result means anything: the recipe logs the users in, and nobody else. */
import { NoAnswer, RecipeFailed, RunStopped } from './contract/errors.ts';
import type { FindingName } from './contract/findings.ts';
import { isSessionSent } from './contract/read-recipe.ts';
import type { Outcome } from './findings/result.ts';
import { CookieJar, shownName } from './http/cookie-jar.ts';
import type { HttpAnswer } from './http/send.ts';
import { findIds, namesOf } from './ids/find-ids.ts';
import { logInAgain, type Plan, type Run, wrongPassword } from './run.ts';
import { findSharedPages, judgeShared } from './site/shared-caches.ts';
import { readWho, type Site, type Who } from './site/site.ts';
import { Visitor } from './site/visitor.ts';

/** Logins of the controls: A, B, A with a wrong password, and A once more where several cookies authenticate. */
export const CONTROL_LOGINS = 4;

export interface Begun {
  readonly run: Run;
  readonly visitors: readonly Visitor[];
  readonly outcomes: readonly Outcome[];
  /** What the run has found so far; later checks add to it. */
  readonly found: Set<FindingName>;
  readonly laters: readonly { readonly atMs: number; probe(): Promise<readonly Outcome[]> }[];
}

export async function begin(plan: Plan, site: Site): Promise<Begun> {
  try {
    return await control(plan, site);
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof RunStopped) throw new RecipeFailed(error.message, { cause: error });
    throw error;
  }
}

async function control(plan: Plan, site: Site): Promise<Begun> {
  const visitors: Visitor[] = [];
  const laters: Begun['laters'][number][] = [];
  const found = new Set<FindingName>();
  const visit = (user: 'a' | 'b' = 'a') => {
    const visitor = new Visitor(site, site.userOf(user));
    visitors.push(visitor);
    return visitor;
  };
  let a = visit();
  expectWho(await a.who(), 'nobody', 'a visitor without a login is shown', 'name a page in "who" that shows a user only to that user');
  const { page } = await logIn(a, 'a');
  const outcomes = [...(await findSharedPages(a))];
  const b = plan.recipe.users.b && visit('b');
  if (b && site.pace.stopped === undefined) outcomes.push(...(await logIn(b, 'b')).outcomes);
  const stranger = visit();
  if (plan.recipe.login !== undefined && site.pace.stopped === undefined) {
    await refuse(stranger);
    expectWho(await stranger.who(), 'nobody', 'a login of user a with a wrong password is', 'give a login that checks the password');
  }
  const ofA = () => visitors.filter(({ user, isLoggedIn }) => user === plan.recipe.users.a && isLoggedIn);
  const end = async (some: readonly Visitor[]) => {
    for (const visitor of some) await visitor.logOut().catch(unlessRecipe);
  };
  const makeRoom = async () => {
    const { sessionsPerUser = 1, surplus } = plan.recipe.policy ?? {};
    const open = [...ofA().filter((visitor) => visitor !== a), ...ofA().filter((visitor) => visitor === a)];
    if (surplus === 'refuses' && plan.recipe.logout) await end(open.slice(0, Math.max(0, open.length - sessionsPerUser + 1)));
  };
  const renew = async () => {
    // As the first one, it has the cookies of a visitor before it logs in.
    a = await logInAgain({ visit, site, makeRoom }, async (visitor) => void (await visitor.who()));
    return a;
  };
  const isRefusalSeen = stranger.loginTrail !== a.loginTrail;
  const loggedIn = {
    get current() {
      return a;
    },
    renew,
  };
  const isSent = site.pace.stopped === undefined && isSessionSent(plan.recipe) && (await isInValues(a));
  const authenticating = isSent || site.pace.stopped ? { ids: [], ofUser: [], all: [] } : await findIds(loggedIn, b);
  const { ids } = authenticating;
  const run: Run = {
    ...plan,
    site,
    get a() {
      return a;
    },
    b,
    page,
    isSessionSent: isSent,
    ids,
    authenticating,
    names: namesOf(ids, [a, ...(b ? [b] : [])]),
    witness: async () => b ?? ((await a.isShown()) ? a : renew()),
    freshA: async () => ((await a.isShown()) ? a : renew()),
    isRefusalSeen,
    found,
    isLogOutProven: false,
    visit,
    endOthers: () => end(ofA()),
    makeRoom,
    later: (atMs, probe) => void laters.push({ atMs, probe }),
  };
  return { run, visitors, outcomes, found, laters };
}

/** Whether what the login takes authenticates, and no cookie does. Cookies that do are examined, without the values where they can be. */
async function isInValues(a: Visitor): Promise<boolean> {
  const isWithoutCookies = (await a.replay(new CookieJar()).who()) === 'a';
  a.site.sendsValues = false;
  if ((await a.replay().who()) === 'a') return false;
  a.site.sendsValues = true;
  return isWithoutCookies;
}

/** A refused login may lack what its steps take. */
async function refuse(stranger: Visitor): Promise<void> {
  await stranger.logIn({ password: wrongPassword() }).catch(unlessRecipe);
}

/** A browser that is logged out already is shown no form to log out, either. */
function unlessRecipe(error: unknown): void {
  if (!(error instanceof RecipeFailed)) throw error;
}

/** A cache can have the page of the first user for the second one. */
async function logIn(visitor: Visitor, user: 'a' | 'b'): Promise<{ readonly page: HttpAnswer; readonly outcomes: readonly Outcome[] }> {
  const accepted = await visitor.logIn();
  const copy = visitor.replay();
  const { answer: page } = await copy.askWho();
  const who = readWho(page, visitor.site.shows);
  const outcomes = user === 'b' && who === 'a' ? await judgeShared(visitor, 'b', visitor) : [];
  if (outcomes.length > 0) return { page, outcomes };
  visitor.jar = copy.jar;
  const refused = accepted ? '' : ' (a step of the login was refused)';
  const sent = visitor.jar.sentTo(visitor.addressOf(0)).map(({ name }) => name);
  const twice = [...new Set(sent.filter((name, at) => sent.indexOf(name) !== at))];
  const dropped = [...visitor.site.dropped].map(([name, why]) => `cookie ${shownName(name)}, which ${why}`);
  expectWho(
    who,
    user,
    `after the login of user ${user}${refused} the page of "who" answers ${page.status} and shows`,
    dropped.length > 0
      ? `browsers drop ${dropped.join(', and ')}`
      : twice.length > 0
        ? `cookie ${twice.map(shownName).join(', ')} is sent twice, for two paths or domains, and the site may read the older one`
        : missingText(page, visitor.site.shows[user] ?? '', user),
  );
  return { page, outcomes };
}

/** What was searched for, and whether the page has it in another case. Both are the recipe's own text. */
function missingText({ body }: HttpAnswer, text: string, user: 'a' | 'b'): string {
  const [other] = new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'iu').exec(body) ?? [];
  return other !== undefined && other !== text
    ? `upper and lower case count, and the page has "${other}" in place of "${text}": set users.${user}.shows to "${other}"`
    : `"${text}" was searched for: check the steps of "login", and set users.${user}.shows to what the page shows of user ${user} alone`;
}

function expectWho(who: Who, expected: Who, what: string, fix: string): void {
  if (who === expected) return;
  const seen = { a: 'user a', b: 'user b', nobody: 'nobody', unclear: 'an error, or both users' }[who];
  throw new RecipeFailed(`${what} ${seen}, not ${expected === 'nobody' ? 'nobody' : `user ${expected}`}: ${fix}`);
}
