import { touchedTargets } from '../../records/touched-targets.ts';
import type { TargetProgress } from '../../records/types.ts';
import { hasEnded } from '../target-phases.ts';
import { type CleanUpAction, hasPreviousRelease, rollbackFailed } from './choose-rollback.ts';

/**
 * What the clean-up of a restart does next. There is no earlier release to go back to: a server that was stopped half way gets the
 * release that it had once more, through every check, once. One that failed its checks stays out of service, and one that serves
 * stays as it is.
 * @param version the release that was restarted @param inFlight the server, while it is rolled
 */
export function chooseAfterRestart(
  targets: Readonly<Record<string, TargetProgress>>,
  version: string,
  inFlight: ReadonlySet<string>,
): CleanUpAction {
  if (inFlight.size > 0) return { action: 'await' };
  const touched = touchedTargets(targets);
  const stopped = touched.find(([, target]) => isStoppedHalfWay(target));
  if (stopped) return { action: 'roll', instanceId: stopped[0], toVersion: version };
  const unfinished = touched.find(([, target]) => !hasEnded(target));
  return unfinished ? { action: 'register', instanceId: unfinished[0] } : { action: 'done', heldBack: [] };
}

function isStoppedHalfWay(target: TargetProgress): boolean {
  if (target.phase === 'done' || target.phase === 'rolledBack' || target.takenOut) return false;
  if (rollbackFailed(target) || hasPreviousRelease(target)) return false;
  const { phases = [target] } = target;
  const last = phases.findLast(({ phase }) => phase !== 'failed')?.phase;
  return target.rollingBackTo !== undefined || last === 'installing' || last === 'gating';
}
