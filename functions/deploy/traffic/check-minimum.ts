import type { InstanceRecord } from '../../records/types.ts';
import type { TargetHealth } from '../../shared/aws/target-group.ts';
import { counted } from '../../shared/counted.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { healthyOthers } from '../clean-up/choose-rollback.ts';
import { TooFewHealthyTargets } from '../errors.ts';

export interface FleetBeforeDeregistration {
  readonly targets: readonly TargetHealth[];
  readonly instances: readonly InstanceRecord[];
  /** Others that the deploy works on: they do not count as healthy. */
  readonly inFlight: ReadonlySet<string>;
  /** How many others have to stay healthy. 0 with `recover`. */
  readonly minimumHealthyTargets: number;
  /** A restart has no `--recover`. */
  readonly isRestart: boolean;
  /** The fleet's release, the one that the target has, and the one that the roll brings. */
  readonly current: string;
  readonly fromVersion: string;
  readonly version: string;
}

/**
 * The sentence for the record when a target that serves cannot be taken out now; undefined when it can. The target was chosen before its
 * server was prepared, which can take 20 minutes, and others can have failed since.
 */
export function whyTooFew(instanceId: string, fleet: FleetBeforeDeregistration): string | undefined {
  const { targets, instances, inFlight, minimumHealthyTargets, isRestart, current, fromVersion, version } = fleet;
  const placeholders = new Set(instances.filter((instance) => instance.version === NO_RELEASE).map((instance) => instance.instanceId));
  const health = new Map(targets.map((target) => [target.instanceId, target.state]));
  const serves = health.get(instanceId) === 'healthy' && !placeholders.has(instanceId);
  // A placeholder has no record before its first release; and a fleet without a release goes back to placeholders.
  const isPlaceholder = fromVersion === NO_RELEASE || (current === NO_RELEASE && version === NO_RELEASE);
  if (!serves || isPlaceholder) return undefined;
  const others = healthyOthers({ health, placeholders, inFlight }, instanceId);
  if (others >= minimumHealthyTargets) return undefined;
  const left = `only ${counted(others, 'target')} would stay healthy while ${instanceId} is out of service`;
  const advice = isRestart ? '' : '; use --recover to roll the fleet anyway';
  return `${left}, and minimumHealthyTargets is ${minimumHealthyTargets}; ${instanceId} was not taken out${advice}`;
}

/** @throws TooFewHealthyTargets */
export function checkMinimum(instanceId: string, fleet: FleetBeforeDeregistration): void {
  const why = whyTooFew(instanceId, fleet);
  if (why !== undefined) throw new TooFewHealthyTargets(why);
}
