import { holdLease } from '../../records/hold-lease.ts';
import type { Records } from '../../records/records.ts';
import type { LockRecord } from '../../records/types.ts';
import type { DrainRule } from '../../shared/aws/drain-rule.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import type { Log } from '../../shared/log-events.ts';
import { decideRelease, NOT_RELEASED } from '../sessions/decide-release.ts';
import { limitsOf, readFront, stepRelease } from '../sessions/release.ts';
import type { ResolvedSettings } from '../settings/settings.ts';

/** The drain rule, its group and the fleet's own; absent for a fleet whose deploys do not wait for sessions. */
export interface LeftPinPorts {
  readonly targetGroup: Pick<TargetGroup, 'describeHealth' | 'register'>;
  readonly drainGroup: Pick<TargetGroup, 'describeHealth' | 'deregister'>;
  readonly rule: Pick<DrainRule, 'read' | 'release'>;
}

interface Ports {
  readonly records: Pick<Records, 'getLock' | 'getDeploy' | 'acquireLock' | 'renewLease' | 'releaseLock'>;
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
 * a call that came late has left. Under the fleet's lock, so that no deploy pins a server meanwhile.
 * @returns whether something was left
 */
export async function releaseLeftPin(ports: Ports, drain: LeftPinPorts | undefined, lock: LockRecord | undefined): Promise<boolean> {
  if (!drain || isInUse(lock)) return false;
  const { records, now, fleet } = ports;
  const before = decideRelease(await readFront(drain), NOT_RELEASED, limitsOf(SETTINGS, undefined, now()));
  if (before.action === 'done') return false;
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
    await stepRelease({ ...ports, ...drain }, { fleet, deployId, settings: SETTINGS }, NOT_RELEASED, hold);
  } finally {
    await records.releaseLock({ fleet, deployId, fencingToken: answer.fencingToken });
  }
  return true;
}

const isInUse = (lock: LockRecord | undefined): boolean => lock?.deployId !== undefined || (lock?.openDeploys?.size ?? 0) > 0;
