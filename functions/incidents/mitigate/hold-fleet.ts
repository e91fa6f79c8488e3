import { describeHolder } from '../../records/describe-holder.ts';
import type { LockHold, LockRecords } from '../../records/records.ts';
import type { LockRecord } from '../../records/types.ts';
import { TransientServiceError } from '../../shared/errors.ts';
import type { MitigationTarget } from '../contract/mitigation-descriptor.ts';
import type { MitigationName } from '../contract/mitigations.ts';
import { MitigationRefused } from './mitigation-errors.ts';

/** Three turns of the schedule that renews the lease, which comes every five minutes: a deploy waits no longer for a runbook that died. */
export const LEASE_MS = 900_000;

export type HoldRecords = Pick<LockRecords, 'getLock' | 'acquireLock' | 'renewLease' | 'releaseLock'>;

/** Who else holds a fleet's lock, in words. @param own the id that holds it by right */
export const holderOf = (lock: LockRecord | undefined, own: string, nowMs: number): string | undefined =>
  lock?.deployId !== undefined && lock.deployId !== own && (lock.expiresAtMs ?? 0) > nowMs ? describeHolder(lock) : undefined;

/** Why an incident cannot hold the fleet's lock now; undefined when it can. */
export function whyHeld(
  lock: LockRecord | undefined,
  { incidentId }: Pick<MitigationTarget, 'incidentId'>,
  nowMs: number,
): string | undefined {
  const holder = holderOf(lock, incidentId, nowMs);
  if (holder !== undefined)
    return `${holder} works on the servers, and a deploy or refresh itself keeps Auto Scaling away from those that it has out of service`;
  const [open] = lock?.openDeploys ?? [];
  return open === undefined ? undefined : `deploy ${open} has not been cleaned up yet, and its clean-up works on the servers next`;
}

/** Takes the fleet's lock for the incident, or extends its lease. @throws MitigationRefused when a deploy or refresh has it */
export async function holdFleet(
  records: HoldRecords,
  fleet: string,
  { incidentId, executionArn = '' }: MitigationTarget,
  mitigation: MitigationName,
  nowMs: number,
): Promise<LockHold> {
  const request = {
    fleet,
    deployId: incidentId,
    executionArn,
    requestedBy: 'a runbook',
    version: mitigation,
    nowMs,
    expiresAtMs: nowMs + LEASE_MS,
  };
  const answer = await records.acquireLock({ ...request, heldBy: 'incident' });
  if (!answer.acquired) {
    const why = whyHeld(answer.holder, { incidentId }, nowMs) ?? 'the lock was just taken and released by another holder';
    throw new MitigationRefused(`nothing was changed in fleet ${fleet}: ${why}`);
  }
  return { fleet, deployId: incidentId, fencingToken: answer.fencingToken };
}

/** Extends the lease of an incident that holds the lock. False when another holder has it, or none. */
export async function keepHold(records: HoldRecords, fleet: string, incidentId: string, nowMs: number): Promise<boolean> {
  const lock = await records.getLock(fleet);
  if (lock?.deployId !== incidentId) return false;
  return records.renewLease({ fleet, deployId: incidentId, fencingToken: lock.fencingToken }, nowMs + LEASE_MS);
}

/** A deploy has the lock, and can take over what the incident has suspended with its next step: nothing can be undone before its end. */
export class HandingOver extends TransientServiceError {
  override readonly name = TransientServiceError.errorName;
}

/** Releases the lock if the incident holds it. */
export async function releaseHold(records: HoldRecords, fleet: string, incidentId: string): Promise<void> {
  const lock = await records.getLock(fleet);
  if (lock?.deployId === incidentId) await records.releaseLock({ fleet, deployId: incidentId, fencingToken: lock.fencingToken });
}
