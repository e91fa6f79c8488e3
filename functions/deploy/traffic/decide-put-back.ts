import type { Phase, TargetProgress } from '../../records/types.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import type { DeployErrorName } from '../errors.ts';
import { releasesOf } from '../target-phases.ts';

/** `register`: back into service. `takeOut`: away from users. `leave`: as it is. */
export type PutBack = 'register' | 'takeOut' | 'leave';

export interface PutBackDecision {
  readonly action: PutBack;
  /** One sentence for the record. */
  readonly detail: string;
}

/** In the place of a decision's detail, where the target cannot be registered. */
export const NOT_RUNNING = 'out of service: the instance is not running';

/** Errors after which the previous release still serves: nothing was swapped yet. */
const UNTOUCHED: ReadonlySet<string> = new Set<DeployErrorName>(['DrainTimedOut', 'ChecksumMismatch', 'DeployStopping']);

/** Errors that show that the new release itself is unfit. */
const UNFIT: ReadonlySet<string> = new Set<DeployErrorName>([
  'TargetNeverUp',
  'TargetNeverHealthy',
  'BakeFailed',
  'SessionsIncompatible',
  'UsersTurnedAway',
  'PagesBroken',
]);

const inWords = (version: string): string => (version === NO_RELEASE ? 'the placeholder' : `release ${version}`);

/** What the deploy's record has of a target. */
export type RolledTarget = Pick<TargetProgress, 'phase' | 'fromVersion' | 'servingVersion' | 'healthBefore' | 'rollingBackTo'>;

/**
 * Decides what becomes of a target whose roll failed. Requests must reach neither a release that failed its checks, nor a
 * server in an unknown state; a target whose previous release serves is registered again.
 * @param errorName as explainError gives it
 * @param version the deploy's release: what is on a target before its rollback
 * @param mayFail the deploy goes on without the target, whose placeholder would answer users with 503 next to the others' release
 */
export function decidePutBack(errorName: string, progress: RolledTarget | undefined, version: string, mayFail = false): PutBackDecision {
  const phase = progress?.phase ?? 'waiting';
  const rollsBack = progress?.rollingBackTo !== undefined;
  const releases = releasesOf({ version }, progress);
  const before = inWords(releases.fromVersion);
  const rolled = inWords(releases.version);
  // Scripts of a bundle fail its install also after it was ready.
  if (UNFIT.has(errorName) || (phase === 'baking' && errorName === 'InstallFailed'))
    return { action: 'takeOut', detail: `out of service: ${rolled} failed its checks` };
  if (progress?.healthBefore === 'unused' || progress?.healthBefore === 'draining')
    return { action: 'leave', detail: `out of service, as it was before the ${rollsBack ? 'rollback' : 'deploy'}` };
  if (mayFail && !rollsBack && hasPlaceholder(errorName, phase, progress)) {
    return { action: 'takeOut', detail: 'out of service: only the placeholder answers on it' };
  }
  if (phase === 'preparing') return { action: 'leave', detail: `in service: ${before} still serves` };
  if (UNTOUCHED.has(errorName) || ['waiting', 'pinning', 'sessionDrain', 'draining'].includes(phase)) {
    return { action: 'register', detail: `registered again: ${before} still serves` };
  }
  // On record before the roll fails by it: also when something else stops the roll in that moment.
  if (phase === 'installing' && !rollsBack && progress?.servingVersion !== undefined) {
    return { action: 'register', detail: `registered again: ${inWords(progress.servingVersion)} serves` };
  }
  if (phase === 'baking' || phase === 'done')
    return { action: 'leave', detail: `in service: ${rolled} was healthy when the deploy stopped` };
  // The phase is on record before the call: the target is ready, and possibly not registered yet.
  if (phase === 'registering') return { action: 'register', detail: 'registered: the load balancer decides by its health check' };
  return { action: 'leave', detail: 'out of service, because the release on the server is unknown' };
}

/** What the record says of a server that ended before anything was installed on it. */
export const endedEarly = (instanceId: string): string =>
  `${instanceId} ended while it was drained, before anything was installed on it; the deploy goes on without it, and Auto Scaling replaces it once the deploy has ended`;

/** Phases in which a server's end is nothing but its own: no release was sent to it, and no rule sends sessions to it. */
const BEFORE_ANYTHING: ReadonlySet<Phase> = new Set(['waiting', 'preparing', 'draining']);

/** Whether a deploy can go on without a server that does not run any more: it never had the release. @param isReplaced by Auto Scaling */
export const isDispensable = (
  { phases = [], rollingBackTo }: Pick<TargetProgress, 'phases' | 'rollingBackTo'>,
  { restart }: { readonly restart?: string | undefined },
  isReplaced: boolean,
): boolean => isReplaced && restart === undefined && rollingBackTo === undefined && phases.every(({ phase }) => BEFORE_ANYTHING.has(phase));

const hasPlaceholder = (errorName: string, phase: Phase, target: RolledTarget | undefined): boolean =>
  target?.fromVersion === NO_RELEASE &&
  (['waiting', 'preparing', 'pinning', 'sessionDrain', 'draining'].includes(phase) ||
    UNTOUCHED.has(errorName) ||
    target.servingVersion === NO_RELEASE);
