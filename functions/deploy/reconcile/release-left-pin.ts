import { holdLease } from '../../records/lease.ts';
import { LeaseLost, type Records } from '../../records/records.ts';
import type { LockRecord } from '../../records/types.ts';
import type { AutoScalingGroup } from '../../shared/aws/auto-scaling.ts';
import type { DrainRule } from '../../shared/aws/drain-rule.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { type DrainState, isPinFailed, membersOf, NOT_RELEASED, readDrainState, releaseFailed, stepRelease } from '../sessions/unpin.ts';
import type { ResolvedSettings } from '../settings/settings.ts';

/** The drain rule, its group and the fleet's own; absent for a fleet whose deploys do not wait for sessions. */
export interface LeftPinPorts {
  readonly targetGroup: Pick<TargetGroup, 'describeHealth' | 'register'>;
  readonly drainGroup: Pick<TargetGroup, 'describeHealth' | 'deregister'>;
  readonly rule: Pick<DrainRule, 'read' | 'release'>;
  /** Undefined for a fleet without an Auto Scaling group. */
  readonly group: Pick<AutoScalingGroup, 'describe'> | undefined;
}

/** What the turn has found of deploys that have not recorded their end, by their ids. */
interface OpenDeploys {
  readonly running: readonly string[];
  readonly givenUp: readonly string[];
}

interface Ports {
  readonly records: Records;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
}

/** A turn takes seconds; a reconciler that dies blocks no deploy for longer. */
const LEASE_MS = 120_000;
/** The next turn comes minutes later: by then every node has followed. Nothing is to be waited for within one. */
const SETTINGS: Pick<ResolvedSettings, 'ruleLagSeconds' | 'registerTimeoutSeconds'> = { ruleLagSeconds: 0, registerTimeoutSeconds: 0 };

/**
 * Takes one step towards a drain rule that takes no session and a group that is empty, where no deploy is open whose clean-up does: what
 * a call that came late has left. Under the fleet's lock, so that no deploy pins a server meanwhile. While deploys are open, and no
 * execution works on them, it takes that step where all were given up, and for a pinned server that has failed.
 * @returns whether something was left
 */
export async function releaseLeftPin(
  ports: Ports,
  drain: LeftPinPorts | undefined,
  lock: LockRecord | undefined,
  open: OpenDeploys,
): Promise<boolean> {
  if (!drain) return false;
  if (isInUse(lock)) return open.running.length === 0 && releaseWithoutDeploy(ports, drain, lock, open);
  const { records, now, fleet } = ports;
  const front = await readDrainState(drain);
  if (isReleased(front)) return false;
  const nowMs = now();
  const deployId = `reconcile-${nowMs}`;
  const request = {
    fleet,
    deployId,
    executionArn: deployId,
    requestedBy: 'reconcile',
    version: 'none',
    nowMs,
    expiresAtMs: nowMs + LEASE_MS,
  };
  const answer = await records.acquireLock({ ...request, heldBy: 'reconcile' });
  if (!answer.acquired) return true;
  const hold = () => holdLease(records, { fleet, deployId, settings: { leaseSeconds: LEASE_MS / 1000 } }, answer, now());
  try {
    await stepRelease(
      { ...ports, ...drain },
      { fleet, deployId, settings: SETTINGS, terminating: await readTerminating(drain, ports.log) },
      NOT_RELEASED,
      hold,
    );
  } finally {
    await records.releaseLock({ fleet, deployId, fencingToken: answer.fencingToken });
  }
  return true;
}

/** The lock belongs to what has ended: that it has not changed since is what keeps a deploy out that begins now. */
async function releaseWithoutDeploy(
  { records, log, now, fleet }: Ports,
  drain: LeftPinPorts,
  lock: LockRecord,
  { givenUp }: OpenDeploys,
): Promise<boolean> {
  const nowMs = now();
  const hold = async () => {
    const { fencingToken } = (await records.getLock(fleet)) ?? {};
    if (fencingToken !== lock.fencingToken) throw new LeaseLost(`the lock of fleet ${fleet} was taken meanwhile`);
  };
  const deploy = { fleet, deployId: `reconcile-${nowMs}`, settings: SETTINGS };
  const ports = { records, log, now, ...drain };
  const isHeld = lock.deployId !== undefined && (lock.expiresAtMs ?? 0) > nowMs;
  const isGivenUp = !isHeld && [...(lock.openDeploys ?? [])].every((deployId) => givenUp.includes(deployId));
  const front = await readDrainState(drain);
  if (!isGivenUp && !isPinFailed(front)) return false;
  if (isReleased(front)) return false;
  if (isGivenUp) await stepRelease(ports, { ...deploy, terminating: await readTerminating(drain, ports.log) }, NOT_RELEASED, hold);
  else await releaseFailed(ports, deploy, hold);
  return true;
}

const isReleased = ({ pattern, drain }: DrainState): boolean => pattern === undefined && membersOf(drain).length === 0;

/**
 * The instances that Auto Scaling terminates. Their lifecycle hook takes them out of the main group whenever they are registered there, and
 * holds them while they are in the drain group. A group that cannot be read holds up no pin: none is known then, until the next turn.
 */
async function readTerminating({ group }: LeftPinPorts, log: Log): Promise<ReadonlySet<string>> {
  try {
    const { members } = (await group?.describe()) ?? { members: [] };
    const leaving = members.filter(({ lifecycleState }) => lifecycleState.startsWith('Terminating'));
    return new Set(leaving.map(({ instanceId }) => instanceId));
  } catch (error) {
    log.warn(LOG_EVENTS.groupNotRead, { error: describeError(error) });
    return new Set();
  }
}

export const isInUse = (lock: LockRecord | undefined): lock is LockRecord =>
  lock?.deployId !== undefined || (lock?.openDeploys?.size ?? 0) > 0;
