import type { TargetProgress } from '../shared/record-types.ts';
import type { Phase } from './contract.ts';

/** A fleet that runs no release yet, and an instance of which nothing is recorded: nothing that could be installed. */
const NO_RELEASE: ReadonlySet<string> = new Set(['none', 'unknown']);

export type PutRight =
  | { readonly action: 'roll'; readonly instanceId: string; readonly toVersion: string }
  | { readonly action: 'putBack'; readonly instanceId: string }
  | { readonly action: 'done' };

export interface FleetAfterDeploy {
  readonly targets: Readonly<Record<string, TargetProgress>>;
  /** Load balancer's target states by instance id; absent: not registered. */
  readonly health: ReadonlyMap<string, string>;
  /** The release that the deploy was to bring. */
  readonly version: string;
  /** The release that the fleet's record names. */
  readonly current: string;
  /** Releases that can be installed, among those that targets had. */
  readonly installable: ReadonlySet<string>;
  /** `halt`, or the deploy has promoted its release: then nothing goes back. */
  readonly mode: 'rollback' | 'halt';
}

/** Targets that the deploy began to roll, and whose instances are still there. */
export function touchedTargets(targets: FleetAfterDeploy['targets']): readonly (readonly [string, TargetProgress])[] {
  return Object.entries(targets)
    .filter(([, { startedAtMs, phase }]) => startedAtMs !== undefined && phase !== 'skipped')
    .sort(([, a], [, b]) => a.order - b.order);
}

/**
 * Touched targets whose instances are gone: a terminating instance takes its record and its registration along. One that had
 * no record before the deploy is none of them.
 */
export function goneTargets(targets: FleetAfterDeploy['targets'], present: ReadonlySet<string>): readonly string[] {
  return touchedTargets(targets)
    .filter(([instanceId, { fromVersion }]) => !present.has(instanceId) && fromVersion !== 'unknown')
    .map(([instanceId]) => instanceId);
}

const BEFORE_INSTALL: ReadonlySet<Phase> = new Set(['waiting', 'preparing', 'draining', 'failed']);

/**
 * A touched target that served, and was never sent an install: it has its release still, and all that it may lack is its
 * registration. To drain it once more and install what it has would take from it what it can do, and fail again where its
 * agent is silent or a request never ends.
 */
export const keptRelease = ({ phase, phases, healthBefore, rollingBackTo }: TargetProgress): boolean =>
  healthBefore === 'healthy' &&
  rollingBackTo === undefined &&
  (phases === undefined ? phase === 'waiting' : phases.every((entered) => BEFORE_INSTALL.has(entered.phase)));

const hasEnded = ({ phase }: TargetProgress): boolean => ['done', 'failed', 'rolledBack'].includes(phase);

/** A rollback that was tried and failed: not tried twice. */
export const rollbackFailed = ({ phase, rollingBackTo }: TargetProgress): boolean => phase === 'failed' && rollingBackTo !== undefined;

/**
 * The release that a target goes back to: the one that it had, or, where that one did not serve either, the fleet's.
 * Undefined where there is none.
 */
export function rollbackVersion(
  target: TargetProgress,
  { current, version, installable }: Omit<FleetAfterDeploy, 'targets'>,
): string | undefined {
  if (target.rollingBackTo !== undefined) return target.rollingBackTo;
  const candidates = target.healthBefore === 'healthy' ? [target.fromVersion, current] : [current, target.fromVersion];
  return candidates.find((candidate) => candidate !== version && !NO_RELEASE.has(candidate) && installable.has(candidate));
}

/**
 * What to put right next. Targets that kept their release are put back first, which takes no time; then those go back that
 * serve nobody, for nothing can be lost there. Once going back has failed on one, those that serve stay as they are: the
 * release before may be what is broken, and each try takes one more away. How many targets are healthy is not asked: a
 * fleet that is below its minimum needs its rollback most.
 */
export function choosePutRight(fleet: FleetAfterDeploy): PutRight {
  const touched = touchedTargets(fleet.targets);
  const serves = (instanceId: string) => fleet.health.get(instanceId) === 'healthy';
  if (fleet.mode === 'rollback') {
    const kept = touched.find(([, target]) => keptRelease(target) && !hasEnded(target));
    if (kept) return { action: 'putBack', instanceId: kept[0] };
    const failedBefore = touched.some(([, target]) => rollbackFailed(target));
    const left = touched
      .filter(([, target]) => target.phase !== 'rolledBack' && !rollbackFailed(target) && !keptRelease(target))
      .filter(([instanceId]) => !failedBefore || !serves(instanceId))
      .sort(([a], [b]) => Number(serves(a)) - Number(serves(b)));
    for (const [instanceId, target] of left) {
      const toVersion = rollbackVersion(target, fleet);
      if (toVersion !== undefined) return { action: 'roll', instanceId, toVersion };
    }
  }
  const unfinished = touched.find(([, target]) => !hasEnded(target));
  return unfinished ? { action: 'putBack', instanceId: unfinished[0] } : { action: 'done' };
}
