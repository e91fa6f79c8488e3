import { setTimeout as sleep } from 'node:timers/promises';
import { holdLease, resumeOnRecord, suspendOnRecord } from '../../records/lease.ts';
import { LeaseLost, type Records } from '../../records/records.ts';
import type { Suspension } from '../../records/suspension.ts';
import type { DeployRecord, Lease } from '../../records/types.ts';
import type { AutoScalingGroup } from '../../shared/aws/auto-scaling.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { Pause } from '../../shared/poll.ts';
import type { DeployContext, Resumed, ScalingRequest } from '../contract/common.ts';
import { chooseMembersToMarkHealthy, planSuspension, type SuspensionPlan } from './plan-suspension.ts';

export interface ScalingPorts {
  readonly records: Records;
  /** Absent for a fleet of named instances: there is nothing to suspend. */
  readonly group?: AutoScalingGroup;
  readonly log: Log;
  readonly now: () => number;
  /** @default waits */
  readonly pause?: Pause;
}

/** After a change, reads of Auto Scaling can show the state before it for some seconds. */
const CONSISTENT_MS = 10_000;

/** Keeps Auto Scaling from replacing what a deploy works on, and restores it exactly. */
export function createScaling(ports: ScalingPorts): (request: ScalingRequest) => Promise<Suspension | Resumed> {
  return async (request) => {
    switch (request.step) {
      case 'suspend':
        await holdLease(ports.records, request.deploy, request.lease, ports.now());
        return suspend(ports, request.deploy, request.lease, request.round + 1);
      case 'resume':
        await checkCanResume(ports, request.deploy, request.lease);
        return resume(ports, request.deploy, request.lease, request.suspension);
    }
  };
}

async function suspend(
  { records, group, log, pause = sleep }: ScalingPorts,
  deploy: DeployContext,
  { fencingToken }: Lease,
  round: number,
): Promise<Suspension> {
  if (!group) return { autoScalingGroupName: '', alreadySuspended: [], suspendedByDeploy: [], round };
  const { fleet, deployId } = deploy;
  let plan = await planFrom(records, group, fleet);
  if (plan.alreadySuspended.length > 0) {
    // Somebody else's, or what a deploy has just resumed: Auto Scaling's reads are eventually consistent.
    await pause(CONSISTENT_MS);
    plan = await planFrom(records, group, fleet);
  }
  const suspension = { ...plan, round };
  const suspended = await suspendOnRecord({ records, group }, { fleet, deployId, fencingToken }, suspension);
  if (suspended === 'refused') {
    throw new LeaseLost(
      `deploy ${deployId} lost the lock of fleet ${fleet}, or began to resume Auto Scaling, before it suspended anything`,
    );
  }
  if (suspended === 'resumed') {
    throw new LeaseLost(`deploy ${deployId} of fleet ${fleet} had resumed Auto Scaling before this step suspended it`);
  }
  log.info(LOG_EVENTS.processesSuspended, { deployId, ...suspension });
  return suspension;
}

/** The record is read after the group: what a step that was delivered twice has suspended meanwhile is on record by then. */
async function planFrom(records: Records, group: AutoScalingGroup, fleet: string): Promise<SuspensionPlan> {
  const described = await group.describe();
  const open = (await records.getLock(fleet))?.suspension;
  return planSuspension(group.name, described, open?.suspendedByDeploy ?? []);
}

const touchedOf = (record: Pick<DeployRecord, 'targets'> | undefined): ReadonlySet<string> =>
  new Set(
    Object.entries(record?.targets ?? {})
      .filter(([, { phase, startedAtMs }]) => startedAtMs !== undefined || (phase !== 'waiting' && phase !== 'skipped'))
      .map(([instanceId]) => instanceId),
  );

/** A deploy that lost its lock still restores Auto Scaling, unless another one holds the lock: that one took the suspension over. */
async function checkCanResume({ records, now }: ScalingPorts, deploy: DeployContext, lease: Lease): Promise<void> {
  try {
    await holdLease(records, deploy, lease, now());
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    if ((await records.getLock(deploy.fleet))?.deployId !== undefined) throw error;
  }
}

async function resume(
  { records, group, log }: ScalingPorts,
  deploy: DeployContext,
  { fencingToken }: Lease,
  suspension: Suspension,
): Promise<Resumed> {
  if (!group) return { resumed: [] };
  const { fleet, deployId } = deploy;
  const prepare = async () => {
    const described = await group.describe();
    const touched = touchedOf(await records.getDeploy(fleet, deployId));
    for (const instanceId of chooseMembersToMarkHealthy(described, touched)) await group.markHealthy(instanceId);
  };
  const reply = { resumed: (await resumeOnRecord({ records, group, prepare }, { fleet, deployId, fencingToken }, suspension)) ?? [] };
  log.info(LOG_EVENTS.processesResumed, { deployId, ...reply });
  return reply;
}
