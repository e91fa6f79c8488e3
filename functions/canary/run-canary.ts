/** A run: controls, checks in their order, what had to wait, and the users logged out again. */
import { caching } from './checks/caching.ts';
import { cookieAttributes } from './checks/cookies.ts';
import { idExposure } from './checks/exposure.ts';
import { foreignId } from './checks/foreign-id.ts';
import { lateSave } from './checks/late-save.ts';
import { loginsAtOnce, otherUser, sessionLimit } from './checks/limit.ts';
import { replayAfterLogout } from './checks/logout.ts';
import { newIdAtLogin, newIdAtReLogin } from './checks/new-id.ts';
import { otherServers, returnFromOtherSite } from './checks/other-servers.ts';
import { idStrength } from './checks/strength.ts';
import { transport } from './checks/transport.ts';
import { NoAnswer, RecipeFailed, RunStopped } from './contract/errors.ts';
import type { CheckName } from './contract/findings.ts';
import { type Begun, begin, CONTROL_LOGINS } from './controls.ts';
import { notAsked, type Outcome, unclear } from './findings/result.ts';
import { MOST_LOGINS } from './http/pace.ts';
import { type Check, type Plan, reasonOfOmission } from './run.ts';
import type { Site } from './site/site.ts';

/** B's session is used this often, so that no idle time-out of some minutes ends it. */
const B_RESTS_MS = 30_000;

/** Measured by a session that is kept for as long as the time-outs are. */
const timeOuts: Check = {
  name: 'time-outs',
  whyNot: () => 'they take as long as the time-outs are, and only a run on a schedule waits for them',
  run: async () => [],
};

/** Where a user can have one session, the first login of a check ends A's: what needs that session comes first. */
const CHECKS: readonly Check[] = [
  newIdAtLogin,
  caching,
  transport,
  otherServers,
  foreignId,
  cookieAttributes,
  newIdAtReLogin,
  returnFromOtherSite,
  replayAfterLogout,
  lateSave,
  sessionLimit,
  idStrength,
  timeOuts,
];
/** These checks run last, after the probes that had to wait for their time. What many logins at once do to a site disturbs nothing then. */
const LAST: readonly Check[] = [otherUser, idExposure, loginsAtOnce];

export interface Examined {
  readonly outcomes: readonly Outcome[];
  readonly names: readonly string[];
}

/** @param begins gets each check that is made @throws RecipeFailed when the recipe does not work: then nothing is known */
export async function runCanary(plan: Plan, site: Site, begins?: (check: CheckName) => void): Promise<readonly Outcome[]> {
  return (await examineSite(plan, site, begins)).outcomes;
}

/** Does what {@link runCanary} does, and also returns the names of the cookies that authenticate. */
export async function examineSite(plan: Plan, site: Site, begins: (check: CheckName) => void = () => {}): Promise<Examined> {
  const begun = await begin(plan, site);
  site.trace = undefined;
  const outcomes: Outcome[] = [];
  const attempt = async (name: CheckName, work: () => Promise<readonly Outcome[]>) => {
    const wasStopped = site.pace.stopped !== undefined;
    const all = await work().catch((error: unknown) => [unclear(name, failureText(error))]);
    // After a run was stopped, a check can still find a weakness, but it proves nothing to be in order: it did not see everything.
    const more = wasStopped ? all.map((one) => (one.is === 'holds' ? unclear(one.check, 'the run was stopped before') : one)) : all;
    for (const outcome of more) if (outcome.is === 'finding') begun.found.add(outcome.finding);
    outcomes.push(...more);
  };
  await attempt('caching', async () => begun.outcomes);
  const useB = async (restsMs = B_RESTS_MS) => {
    const { b } = begun.run;
    if (b && site.pace.stopped === undefined && site.clock.now() - b.usedAtMs >= restsMs) await b.isShown().catch(failureText);
  };
  const runCheck = async (check: Check) => {
    const reason = reasonOfOmission(check, plan, begun.run.isSessionSent);
    if (reason !== undefined) return void outcomes.push(notAsked(check.name, reason));
    begins(check.name);
    await useB();
    await attempt(check.name, () => check.run(begun.run));
  };
  for (const check of CHECKS) await runCheck(check);
  for (const { atMs, probe } of begun.laters) {
    const waitMs = atMs - site.clock.now();
    if (waitMs > 0 && site.pace.stopped === undefined) {
      await useB(0);
      await site.clock.sleep(Math.max(0, atMs - site.clock.now()));
    }
    await attempt('replay-after-logout', probe);
  }
  for (const check of LAST) await runCheck(check);
  await endSessions(begun);
  return { outcomes, names: begun.run.names };
}

function failureText(error: unknown): string {
  if (error instanceof RunStopped) return `the run was stopped, because ${error.message}`;
  if (error instanceof RecipeFailed || error instanceof NoAnswer) return error.message;
  throw error;
}

/** Logs out the browsers of the run, as far as the limits allow. */
async function endSessions({ visitors, run: { recipe, site } }: Begun): Promise<void> {
  if (recipe.logout === undefined) return;
  // A log-out is no login: where those have run out, it is still sent.
  site.pace.keepBack(() => 0);
  for (const visitor of visitors)
    if (visitor.isLoggedIn)
      await visitor.logOut().catch((error: unknown) => {
        failureText(error);
      });
}

export interface PlannedCheck {
  readonly check: CheckName;
  readonly whyNot?: string;
}

/** What a run would do. Sends nothing. */
export function planRun(plan: Plan): { readonly checks: readonly PlannedCheck[]; readonly logins: number } {
  const chosen = [...CHECKS, ...LAST].map((check) => ({ check, whyNot: reasonOfOmission(check, plan) }));
  const logins = chosen.reduce((sum, { check, whyNot }) => sum + (whyNot === undefined ? (check.logins?.(plan) ?? 0) : 0), CONTROL_LOGINS);
  const atLeast = Math.max(0, ...chosen.map(({ check, whyNot }) => (whyNot === undefined ? (check.loginsOfRun?.(plan) ?? 0) : 0)));
  return {
    checks: chosen.map(({ check: { name }, whyNot }) => ({ check: name, ...(whyNot !== undefined && { whyNot }) })),
    logins: Math.min(plan.recipe.policy?.mostLogins ?? MOST_LOGINS, Math.max(logins, atLeast)),
  };
}
