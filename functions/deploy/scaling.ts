import type { AutoScalingGroup } from '../shared/auto-scaling.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import type { DeployRecord } from '../shared/record-types.ts';
import type { Records } from '../shared/records.ts';
import type { DeployContext, Lease, Resumed, ScalingRequest, Suspension } from './contract.ts';
import { LeaseLost } from './errors.ts';
import { holdLease } from './hold-lease.ts';
import { chooseMembersToMarkHealthy, planSuspension } from './plan-suspension.ts';

export interface ScalingPorts {
  readonly records: Pick<Records, 'renewLease' | 'getLock' | 'getDeploy' | 'listDeploys' | 'updateDeploy'>;
  /** Absent for a fleet of named instances: there is nothing to suspend. */
  readonly group?: AutoScalingGroup;
  readonly log: Log;
  readonly now: () => number;
}

/** Keeps Auto Scaling from replacing what a deploy works on, and restores it exactly. */
export function createScaling(ports: ScalingPorts): (request: ScalingRequest) => Promise<Suspension | Resumed> {
  return async (request) => {
    switch (request.step) {
      case 'suspend':
        await holdLease(ports.records, request.deploy, request.lease, ports.now());
        return suspend(ports, request.deploy);
      case 'resume':
        await mayResume(ports, request.deploy, request.lease);
        return resume(ports, request.deploy, request.suspension);
    }
  };
}

async function suspend({ records, group, log, now }: ScalingPorts, deploy: DeployContext): Promise<Suspension> {
  if (!group) return { autoScalingGroupName: '', alreadySuspended: [], suspendedByDeploy: [] };
  const { fleet, deployId } = deploy;
  const standing = (await records.listDeploys(fleet)).filter(({ suspension }) => suspension && suspension.endedAtMs === undefined);
  const suspension = planSuspension(
    group.name,
    await group.describe(),
    standing.flatMap((record) => record.suspension?.suspendedByDeploy ?? []),
  );
  // On record before the change: what is suspended without a trace would stay suspended for ever.
  await records.updateDeploy(fleet, deployId, { suspension });
  await endSuspensions(
    records,
    standing.filter((record) => record.deployId !== deployId),
    now(),
  );
  if (suspension.suspendedByDeploy.length > 0) await group.suspend(suspension.suspendedByDeploy);
  log.info(LOG_EVENTS.processesSuspended, { deployId, ...suspension });
  return suspension;
}

/** A deploy that lost its lock still restores Auto Scaling, unless another one holds the lock: that one took the suspension over. */
async function mayResume({ records, now }: ScalingPorts, deploy: DeployContext, lease: Lease): Promise<void> {
  try {
    await holdLease(records, deploy, lease, now());
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    if ((await records.getLock(deploy.fleet))?.deployId !== undefined) throw error;
  }
}

async function resume({ records, group, log, now }: ScalingPorts, deploy: DeployContext, suspension: Suspension): Promise<Resumed> {
  if (!group) return { resumed: [] };
  const { fleet, deployId } = deploy;
  const record = await records.getDeploy(fleet, deployId);
  const touched = Object.entries(record?.targets ?? {}).filter(
    ([, { phase, startedAtMs }]) => startedAtMs !== undefined || (phase !== 'waiting' && phase !== 'skipped'),
  );
  const members = chooseMembersToMarkHealthy(await group.describe(), new Set(touched.map(([instanceId]) => instanceId)));
  for (const instanceId of members) await group.markHealthy(instanceId);
  if (suspension.suspendedByDeploy.length > 0) await group.resume(suspension.suspendedByDeploy);
  await records.updateDeploy(fleet, deployId, { suspension: { ...suspension, endedAtMs: now() } });
  log.info(LOG_EVENTS.processesResumed, { deployId, resumed: suspension.suspendedByDeploy });
  return { resumed: suspension.suspendedByDeploy };
}

async function endSuspensions(records: ScalingPorts['records'], deploys: readonly DeployRecord[], nowMs: number): Promise<void> {
  for (const { fleet, deployId, suspension } of deploys) {
    if (suspension) await records.updateDeploy(fleet, deployId, { suspension: { ...suspension, endedAtMs: nowMs } });
  }
}
