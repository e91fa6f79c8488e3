/** Everything that refuses a deploy before it touches anything, as one list. A capability that adds a refusal adds a check. */
import { SessionsAlone } from '../../instance/errors.ts';
import type { HoldfastError } from '../../shared/errors.ts';
import { PREFLIGHT_RULES } from '../assess/check-preflight.ts';
import { DeployInProgress, InvalidInput, ReleaseNotFound, SessionsNotDrainable } from '../errors.ts';
import { unfitPause } from '../pause/unfit-pause.ts';
import { judgeTimes, namelessCookie } from '../sessions/judge-routes.ts';
import { unfitParallel } from '../sessions/one-at-a-time.ts';
import { unfitRoutes } from '../sessions/pin-pattern.ts';
import type { DryRunFacts } from './facts.ts';
import { judgeCopies } from './judge-copies.ts';
import { sessionsOf } from './plan-servers.ts';

export interface Check {
  readonly name: string;
  /** The errors that the deploy would end with; each states one fault with its numbers. */
  readonly judge: (facts: DryRunFacts) => readonly HoldfastError[];
}

/** The checks judge by the rules of the deploy's own steps, in the order of these steps. */
export const CHECKS: readonly Check[] = [
  { name: 'lock', judge: heldLock },
  { name: 'release', judge: unknownRelease },
  ...PREFLIGHT_RULES.map(({ name, judge }): Check => ({ name, judge: (facts) => judge(preflightFacts(facts)) })),
  { name: 'session store', judge: ({ store }) => (store.fault ? [store.fault] : []) },
  { name: 'one at a time', judge: severalWhileSessionsDrain },
  { name: 'pause', judge: pauseWhileSessionsDrain },
  { name: 'drain rule', judge: (facts) => unlessRecovering(facts, facts.drainRule?.problems ?? []) },
  { name: 'sessions', judge: (facts) => unlessRecovering(facts, sessionProblems(facts)) },
  { name: 'copies', judge: (facts) => judgeCopies(facts).problems.map((problem) => new SessionsAlone(problem)) },
];

/** An expired lease refuses nothing: the deploy would take the lock over. */
function heldLock({ lock, nowMs, deploy }: DryRunFacts): readonly HoldfastError[] {
  if (lock?.deployId === undefined || (lock.expiresAtMs !== undefined && lock.expiresAtMs <= nowMs)) return [];
  return [new DeployInProgress(deploy.fleet, lock)];
}

function unknownRelease({ release, deploy }: DryRunFacts): readonly HoldfastError[] {
  return release ? [] : [new ReleaseNotFound(deploy.fleet, deploy.version)];
}

const preflightFacts = ({ members, toRoll, agents, alarms, deploy, attributes, ofAddresses }: DryRunFacts) => ({
  attributes,
  ofAddresses,
  members,
  toRoll,
  agents,
  alarms,
  recover: deploy.recover,
  pauseAfter: deploy.pauseAfter,
  settings: deploy.settings,
});

/** What keeps the deploy from waiting for sessions, by the rules of the deploy itself, as far as servers have answered. */
export function sessionProblems(facts: DryRunFacts): readonly string[] {
  if (facts.drainRule === undefined) return [];
  const servers = sessionsOf(facts);
  const answered = servers.filter(({ instanceId, counts }) => counts && facts.sessions.has(instanceId));
  return [...unfitRoutes(answered), ...judgeTimes(servers, facts.deploy.settings).problems, ...namelessCookie(facts.release)];
}

/** A deploy that waits for sessions cannot stop in between for an operator, where {@link unfitPause} finds a reason. */
function pauseWhileSessionsDrain({ drainRule, deploy }: DryRunFacts): readonly HoldfastError[] {
  const problem = drainRule && unfitPause(deploy);
  return problem === undefined ? [] : [new InvalidInput(problem)];
}

/** It refuses a deploy with `recover` as well. */
function severalWhileSessionsDrain({ drainRule, deploy }: DryRunFacts): readonly HoldfastError[] {
  const problem = drainRule && unfitParallel(deploy.settings);
  return problem === undefined ? [] : [new SessionsNotDrainable(problem)];
}

/** A deploy with `recover` goes on, and has the problems as warnings. */
const unlessRecovering = ({ deploy }: DryRunFacts, problems: readonly string[]): readonly HoldfastError[] =>
  deploy.recover ? [] : problems.map((problem) => new SessionsNotDrainable(problem));
