/** A deploy that left servers without their release, after Auto Scaling has replaced them: its advice is out of date. Pure. */
import { NO_RELEASE } from '../shared/version.ts';
import { isLeft, isNotRolledBack, touchedTargets } from './touched-targets.ts';
import type { DeployRecord, InstanceRecord, TargetProgress } from './types.ts';

/** The fleet as it is now. */
export interface FleetNow {
  readonly instances: readonly InstanceRecord[];
  readonly currentVersion: string | undefined;
}

type Ended = Pick<DeployRecord, 'status' | 'rolledBack' | 'targets' | 'finishedAtMs'>;

/** A server that had a release, so that it was on record, and no longer is: its instance has ended. */
export const hasGone = (instanceId: string, { fromVersion }: Pick<TargetProgress, 'fromVersion'>, { instances }: FleetNow): boolean =>
  fromVersion !== NO_RELEASE && !instances.some((instance) => instance.instanceId === instanceId);

/** Why nothing is left to resume, in a sentence; undefined where a server is still as the deploy left it, or another release is somewhere. */
export function nothingToResume(deploy: Ended, now: FleetNow): string | undefined {
  const { instances, currentVersion } = now;
  if (!isNotRolledBack(deploy) || currentVersion === undefined || instances.length === 0) return undefined;
  if (instances.some(({ version }) => version !== currentVersion)) return undefined;
  const left = touchedTargets(deploy.targets).filter(([, target]) => isLeft(target));
  const gone = left.map(([instanceId]) => instanceId);
  if (!left.every(([instanceId, target]) => hasGone(instanceId, target, now))) return undefined;
  const all = instances.length === 1 ? 'the only server has' : `all ${instances.length} servers have`;
  return `Nothing is left to resume: ${gone.join(', ')} ${gone.length === 1 ? 'was' : 'were'} replaced since, and ${all} ${currentVersion}`;
}
