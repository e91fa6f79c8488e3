import type { Records } from '../../records/records.ts';
import type { DeployRecord } from '../../records/types.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import { POLL_ONCE, type Polling } from '../../shared/poll.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import type { TrafficRequest } from '../contract/roll.ts';
import { targetsAtWork } from '../rolls/in-flight.ts';
import { isOwnRollback } from '../rolls/rollback-name.ts';
import { releasesOf } from '../target-phases.ts';
import { checkMinimum, whyTooFew } from './check-minimum.ts';

export interface StillEnoughPorts {
  readonly records: Records;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
  /** @default no pause */
  readonly polling?: Polling;
}

/** After a change of a target, reads of the load balancer can show the state before it for some seconds. */
const CONSISTENT_MS = 10_000;

/**
 * Whether the others are still enough, right before a target is taken out. A read can be some seconds old, so that a target which has
 * just become healthy is missing in it: where it shows too few, a second one counts, which is newer than anything the first can show.
 * @param before the deploy's targets as they were before this look: health is read at the same time as they are now, and what was in flight
 * at either of the two does not count as healthy at the first look
 * @throws TooFewHealthyTargets
 */
export async function checkStillEnough(
  { records, targetGroup, polling = POLL_ONCE }: StillEnoughPorts,
  { deploy: context, lease, roll: { instanceId } }: Pick<TrafficRequest, 'deploy' | 'lease' | 'roll'>,
  before: DeployRecord['targets'] = {},
): Promise<void> {
  const { fleet, deployId, version, recover, restart, settings } = context;
  const [instances, current, deploy, targets] = await Promise.all([
    records.getInstances(fleet),
    records.getFleet(fleet),
    records.getDeploy(fleet, deployId),
    targetGroup.describeHealth(),
  ]);
  const releases = releasesOf({ version }, deploy?.targets[instanceId]);
  // What a clean-up has stopped is not in flight any more: it serves, or it does not.
  const isOwn = releases.isRollback ? isOwnRollback(context, lease) : () => true;
  const atWork = (targets: DeployRecord['targets']) =>
    targetsAtWork(targets)
      .filter(isOwn)
      .map((target) => target.instanceId);
  const now = new Set(atWork(deploy?.targets ?? {}));
  const rest = {
    instances,
    inFlight: now,
    minimumHealthyTargets: recover ? 0 : settings.minimumHealthyTargets,
    isRestart: restart !== undefined,
    current: current?.currentVersion ?? NO_RELEASE,
    ...releases,
  };
  if (whyTooFew(instanceId, { ...rest, targets, inFlight: new Set([...atWork(before), ...now]) }) === undefined) return;
  await polling.pause(CONSISTENT_MS);
  const later = await targetGroup.describeHealth();
  checkMinimum(instanceId, { ...rest, targets: later });
}
