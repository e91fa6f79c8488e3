/** Which servers a deploy has touched, and which of those still have the release that they had before: by its record. Pure. */
import { NO_RELEASE } from '../shared/version.ts';
import type { DeployRecord, EnteredPhase, Phase, TargetProgress } from './types.ts';

/** Targets that the deploy began to roll, and whose instances still exist. */
export function touchedTargets(targets: DeployRecord['targets']): readonly (readonly [string, TargetProgress])[] {
  return Object.entries(targets)
    .filter(([, { startedAtMs, phase }]) => startedAtMs !== undefined && phase !== 'skipped')
    .sort(([, a], [, b]) => a.order - b.order);
}

/** A deploy that failed and left a server without the release that it had before. */
export function isNotRolledBack({ status, rolledBack, targets }: Pick<DeployRecord, 'status' | 'rolledBack' | 'targets'>): boolean {
  if (status === 'RUNNING' || status === 'SUCCEEDED' || rolledBack) return false;
  return touchedTargets(targets).some(([, target]) => isLeft(target));
}

/** A touched target of a deploy that failed, without the release that it had before. */
export const isLeft = (target: TargetProgress): boolean =>
  target.phase !== 'rolledBack' && !restoredRelease(target) && !keptRelease(target);

/** No install was sent to a target in one of these. */
export const BEFORE_INSTALL: ReadonlySet<Phase> = new Set(['waiting', 'preparing', 'pinning', 'sessionDrain', 'draining', 'failed']);

/**
 * A touched target that served, and to which no install was sent: it still has its release, and at most its registration is
 * missing. Draining it once more and installing the same release would take a working server out of service, and fail again
 * where its agent is silent or a request never ends.
 */
export const keptRelease = (target: TargetProgress): boolean =>
  wasInService(target) &&
  target.rollingBackTo === undefined &&
  (target.phases === undefined ? target.phase === 'waiting' : target.phases.every(({ phase }) => BEFORE_INSTALL.has(phase)));

/**
 * A touched target that served, and whose install failed so that its previous release serves: nothing was stopped for it, or the
 * server has started that release again. It is in service again, or only its registration is missing; as above, nothing is gained
 * by draining it.
 */
export const restoredRelease = (target: TargetProgress): boolean =>
  wasInService(target) &&
  target.rollingBackTo === undefined &&
  target.servingVersion === target.fromVersion &&
  target.fromVersion !== NO_RELEASE &&
  (target.phases ?? []).every(({ phase }) => BEFORE_INSTALL.has(phase) || phase === 'installing');

/** `initial`: it was registered seconds before, by the end of an earlier deploy for one. */
const wasInService = ({ healthBefore }: TargetProgress): boolean => healthBefore === 'healthy' || healthBefore === 'initial';

/**
 * Maximum number of entries in a target's history; later ones are not written. A roll has 12 phases and each rollback 13: a
 * deploy and two rollbacks. At some 40 bytes per entry they are 1.6 KB of the 400 KB that a target's item can have.
 */
export const MAX_PHASES = 40;

/** The phase that a change of a target's progress enters; undefined when it enters none. */
export function enteredPhase({ phase, phaseStartedAtMs, finishedAtMs }: Partial<TargetProgress>): EnteredPhase | undefined {
  const startedAtMs = phaseStartedAtMs ?? finishedAtMs;
  return phase === undefined || startedAtMs === undefined ? undefined : { phase, startedAtMs };
}
