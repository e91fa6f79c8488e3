import type { Records } from '../../records/records.ts';
import type { DeployRecord, InstanceRecord, RecordedRegistrations } from '../../records/types.ts';
import { healthOf, type Registration, type TargetGroup, type TargetHealth } from '../../shared/aws/target-group.ts';
import { POLL_ONCE, type Polling } from '../../shared/poll.ts';
import { counted } from '../../shared/texts.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { healthyOthers } from '../clean-up/choose-rollback.ts';
import type { DeployContext } from '../contract/common.ts';
import type { TrafficRequest } from '../contract/roll.ts';
import { TooFewHealthyTargets } from '../errors.ts';
import { isOwnRollback, targetsAtWork } from '../rolls/in-flight.ts';
import { releasesOf } from '../target-phases.ts';

interface StillEnoughPorts {
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
  const why = whyTooFew(instanceId, { ...rest, targets: later });
  if (why !== undefined) throw new TooFewHealthyTargets(why);
}

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

interface RegistrationPorts {
  readonly records: Records;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
}

/** How the instance is to be registered again, on record before it is taken out. */
export async function recordRegistrations(
  { records, targetGroup }: RegistrationPorts,
  { fleet, deployId }: DeployContext,
  instanceId: string,
): Promise<readonly Registration[]> {
  const [recorded, health] = await Promise.all([records.getRegistrations(fleet, instanceId), targetGroup.describeHealth()]);
  const registrations = recallRegistrations(deployId, recorded, healthOf(instanceId, health).registrations ?? []);
  if (registrations.length > 0) await records.putRegistrations(fleet, instanceId, { deployId, registrations });
  return registrations;
}

/** Records how the load balancer has the instance registered now, whatever earlier deploys recorded. @returns none where it has not */
export async function recordPresent(
  { records, targetGroup }: RegistrationPorts,
  { fleet, deployId }: DeployContext,
  instanceId: string,
): Promise<readonly Registration[]> {
  const { registrations = [] } = healthOf(instanceId, await targetGroup.describeHealth());
  if (registrations.length > 0) await records.putRegistrations(fleet, instanceId, { deployId, registrations });
  return registrations;
}

/** How the instance was registered, as this deploy recorded it; undefined if it recorded nothing. */
export async function registrationsOf(
  { records }: { readonly records: Records },
  { fleet, deployId }: Pick<DeployContext, 'fleet' | 'deployId'>,
  instanceId: string,
): Promise<readonly Registration[] | undefined> {
  const recorded = await records.getRegistrations(fleet, instanceId);
  return recorded?.deployId === deployId ? recorded.registrations : undefined;
}

/**
 * How an instance was registered before deploys took it out: what this deploy has recorded, for a step can be delivered again
 * when the target is out already; or what the load balancer has now; or else what the last deploy recorded that knew.
 */
export function recallRegistrations(
  deployId: string,
  recorded: RecordedRegistrations | undefined,
  now: readonly Registration[],
): readonly Registration[] {
  return recorded && (recorded.deployId === deployId || now.length === 0) ? recorded.registrations : now;
}
