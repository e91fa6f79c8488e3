import type { DeployRecord, Lease, TargetProgress } from '../../records/types.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import type { DeployContext } from '../contract/common.ts';
import type { Roll } from '../contract/roll.ts';
import { DeployStopping } from '../errors.ts';
import { hasEnded } from '../target-phases.ts';

type Targets = Readonly<Record<string, TargetProgress>>;

/** A target that a roll works on, with the name of its execution. */
export interface TargetInFlight extends TargetProgress {
  readonly instanceId: string;
  readonly executionName: string;
}

/**
 * The targets that rolls work on, by the record: from being chosen until done with their bake, or back in their place after a failure. An
 * execution that died has recorded no end itself; that it died is on record.
 */
export const targetsAtWork = (targets: Targets): readonly TargetInFlight[] =>
  Object.entries(targets).flatMap(([instanceId, target]) => {
    const { executionName, died } = target;
    if (executionName === undefined || died === executionName || hasEnded(target) || target.phase === 'skipped') return [];
    return [{ ...target, instanceId, executionName }];
  });

/** Targets whose roll has failed in the last minutes: its execution can have more to do after the failure is on record. */
export const failedLately = (targets: Targets, nowMs: number): readonly TargetInFlight[] =>
  Object.entries(targets).flatMap(([instanceId, target]) => {
    const { executionName, died, phase, finishedAtMs = 0 } = target;
    const isLate = phase === 'failed' && nowMs - finishedAtMs < LONGEST_AFTERMATH_MS;
    return isLate && executionName !== undefined && died !== executionName ? [{ ...target, instanceId, executionName }] : [];
  });

/** Putting the target back is on record before its sessions are released, which takes minutes. */
const LONGEST_AFTERMATH_MS = 1_800_000;

/** The names of their executions. */
export const namesOf = (rolls: readonly TargetInFlight[]): readonly string[] => rolls.map(({ executionName }) => executionName);

/** When the target's roll began, or its rollback. */
export const begunAtMs = ({ rollingBackTo, phases = [], startedAtMs, phaseStartedAtMs }: TargetProgress): number =>
  rollingBackTo === undefined
    ? (startedAtMs ?? phaseStartedAtMs)
    : (phases.findLast(({ phase }) => phase === 'waiting')?.startedAtMs ?? phaseStartedAtMs);

/** The name of the execution that rolls a target back for the clean-up with this token. */
export const rollbackName = (instanceId: string, { startedAtMs }: DeployContext, { fencingToken }: Pick<Lease, 'fencingToken'>): string =>
  `${instanceId}-back-${startedAtMs}-${fencingToken}`;

/** Whether a roll is this clean-up's, and not what the deploy or an earlier clean-up had begun. */
export const isOwnRollback =
  (deploy: DeployContext, lease: Pick<Lease, 'fencingToken'>) =>
  ({ instanceId, executionName }: TargetInFlight): boolean =>
    executionName === rollbackName(instanceId, deploy, lease);

/** How many servers a deploy works on at once: a number, or a part of the fleet such as `25%`. */
type MaxParallel = number | string;

/** The limit for a fleet of so many servers. A percentage rounds down, and is at least one. */
export function mostAtOnce(maxParallel: MaxParallel, servers: number): number {
  if (typeof maxParallel === 'number') return maxParallel;
  return Math.max(1, Math.floor((servers * Number.parseInt(maxParallel, 10)) / 100));
}

/** The servers that a percentage refers to: those that the fleet had when the deploy was planned, so that the limit stays the same. */
export const plannedServers = (targets: Readonly<Record<string, Pick<TargetProgress, 'newcomer'>>>): number =>
  Object.values(targets).filter(({ newcomer }) => !newcomer).length;

/** What a roll is given of it: how many poll at the same time, which cannot be more than there are; nothing for one at a time. */
export const givenAtOnce = (limit: number, servers: number): { readonly atOnce?: number } =>
  Math.min(limit, servers) > 1 ? { atOnce: Math.min(limit, servers) } : {};

/**
 * Whether a target that still has its release is to be rolled. Those that have another one already end as they would; a rollback never
 * stops for this.
 * @throws DeployStopping when another target has failed meanwhile
 */
export function checkGoesOn(record: Pick<DeployRecord, 'firstFailure' | 'targets'> | undefined, instanceId: string): void {
  if (!record?.firstFailure || record.targets[instanceId]?.rollingBackTo !== undefined) return;
  throw new DeployStopping(instanceId, record.firstFailure.Error);
}

/** Whether the deploy begins nothing more after this failure of a target. */
export const stopsDeploy = (errorName: string, target: Pick<TargetProgress, 'rollingBackTo'> | undefined, { mayFail }: Roll): boolean =>
  errorName !== 'DeployStopping' && !mayFail && target?.rollingBackTo === undefined;

/** A server whose user data can still be at work: by the record it has had no release. */
export const canLackPreparation = (version: string): boolean => version === NO_RELEASE || version === UNKNOWN_RELEASE;

/**
 * Whether nothing has to be done on a server before it is taken out, so that the deploy does not call a function for it: it has had a
 * release, and no document prepares the fleet's servers.
 * @param prepares a document prepares the fleet's servers, which ran before Holdfast
 */
export const isPrepared = ({ prepares }: { readonly prepares: boolean }, { fromVersion }: Pick<TargetProgress, 'fromVersion'>): boolean =>
  !prepares && !canLackPreparation(fromVersion);

/** A server, as far as it matters whether its Availability Zone keeps one that serves. */
interface ZoneMember {
  readonly instanceId: string;
  /** Unknown for a server without an Auto Scaling group. */
  readonly zone?: string | undefined;
  /** Healthy with a release. */
  readonly serves: boolean;
}

/**
 * Whether nobody would serve in a server's zone while it is out, although one more comes back there by itself: one that is in flight.
 * The last one of a zone that has no other is taken out all the same, for there is no other way to roll it.
 */
export function emptiesZone(members: readonly ZoneMember[], instanceId: string, inFlight: ReadonlySet<string>): boolean {
  const one = members.find((member) => member.instanceId === instanceId);
  if (one?.zone === undefined || !one.serves) return false;
  const others = members.filter((member) => member.zone === one.zone && member.instanceId !== instanceId);
  return !others.some((other) => other.serves && !inFlight.has(other.instanceId)) && others.some((other) => inFlight.has(other.instanceId));
}
