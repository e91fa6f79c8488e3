/** One run of the canary: the site, the two users who are logged in, and the cookies that authenticate them. */
import { randomBytes } from 'node:crypto';
import type { CheckName, Extra, FindingName } from './contract/findings.ts';
import { isSessionSent } from './contract/read-recipe.ts';
import type { Recipe } from './contract/recipe.ts';
import { type Outcome, unclear } from './findings/result.ts';
import type { HttpAnswer } from './http/send.ts';
import type { Authenticating, Id } from './ids/find-ids.ts';
import type { Site } from './site/site.ts';
import type { Visitor } from './site/visitor.ts';

export interface Plan {
  readonly recipe: Recipe;
  readonly base: URL;
  readonly extras: readonly Extra[];
}

export interface Run extends Plan {
  readonly site: Site;
  /** What the login takes authenticates, and no cookie does. */
  readonly isSessionSent: boolean;
  /** The cookies that authenticate, and whose values are those of one login alone. */
  readonly ids: readonly Id[];
  readonly authenticating: Authenticating;
  readonly names: readonly string[];
  /** Logged in since the controls; another browser once a check has ended the session by what it sent. */
  readonly a: Visitor;
  readonly b: Visitor | undefined;
  /** A browser whose session nothing has ended: B's, or one of A. @throws RunStopped */
  witness(): Promise<Visitor>;
  /** A's browser, logged in anew where its session is gone. @throws RunStopped */
  freshA(): Promise<Visitor>;
  /** The page of `who` with A's session. */
  readonly page: HttpAnswer;
  /** Whether a login leads elsewhere with a wrong password. */
  readonly isRefusalSeen: boolean;
  readonly found: ReadonlySet<FindingName>;
  /** Set once the browser that took the steps of the log-out showed nobody. */
  isLogOutProven: boolean;
  /** A new browser, which is logged out at the end. */
  visit(user?: 'a' | 'b'): Visitor;
  endOthers(): Promise<void>;
  /** Logs out as many browsers of A as one more login needs, where the site refuses a session too many. */
  makeRoom(): Promise<void>;
  /** Has `probe` run at that time, in milliseconds since the epoch, while other checks go on. */
  later(atMs: number, probe: () => Promise<readonly Outcome[]>): void;
}

export interface Check {
  readonly name: CheckName;
  /** Why the recipe, its policy or the options leave it out; undefined when it runs. */
  whyNot?(plan: Plan): string | undefined;
  /** It examines cookies: where the session is in none, it is not made. @default false */
  readonly isOfCookies?: true;
  /** Most logins that it makes. @default 0 */
  logins?(plan: Plan): number;
  /** Logins that the whole run makes at least: this check makes those that are missing. @default 0 */
  loginsOfRun?(plan: Plan): number;
  run(run: Run): Promise<readonly Outcome[]>;
}

/** Why a check is not made; undefined for one that is. @param isSent whether the session is in no cookie */
export const reasonOfOmission = (check: Check, plan: Plan, isSent = isSessionSent(plan.recipe)): string | undefined =>
  check.isOfCookies && isSent ? 'the session is in no cookie: "who" sends what the login takes' : check.whyNot?.(plan);

export const noLoginSteps = ({ recipe }: Plan): string | undefined =>
  recipe.login === undefined ? "the recipe's login has no steps" : undefined;

export const wrongPassword = (): string => `wrong-${randomBytes(9).toString('base64url')}`;

/**
 * What was concluded from "nobody", as long as a session is shown that nothing has ended: a firewall's 403, a page of maintenance and the
 * 404 of a deploy show nobody too. A finding rests on a user who is shown.
 */
export async function ifWitnessed(outcome: Outcome, alive: Visitor): Promise<Outcome> {
  if ((outcome.is !== 'holds' && outcome.is !== 'notice') || (await alive.isShown())) return outcome;
  return unclear(outcome.check, 'the site shows nobody with a session that nothing has ended, either: it may have been unable to answer');
}

/**
 * A browser of A that has logged in. That worked before, so that a refusal is taken for a lockout.
 * @throws RunStopped
 */
export async function logInAgain(
  run: Pick<Run, 'visit' | 'site' | 'makeRoom'>,
  prepare: (visitor: Visitor) => void | Promise<void> = () => {},
): Promise<Visitor> {
  await run.makeRoom();
  const visitor = run.visit('a');
  await prepare(visitor);
  await visitor.logIn();
  const who = await visitor.who();
  if (who === 'a') return visitor;
  if (who === 'unclear') throw run.site.pace.stop('the site could not answer after a login');
  throw run.site.pace.stop('a login was refused that was accepted before: the account may be locked');
}
