/**
 * An incident whose runbook keeps a fleet's servers while the store is away: it takes the fleet's lock as its own code does, renews it
 * as the schedule does, and releases it. Its calls are not the engine's, so that nothing goes wrong with them: what is judged is
 * what deploys, clean-ups and the reconciler do meanwhile, and that they resume nothing of what it keeps.
 */

import { AwsError } from '#local-aws/service/service.ts';
import { HandingOver } from '../../../functions/incidents/mitigate/hold-fleet.ts';
import { createKeepServers } from '../../../functions/incidents/mitigate/keep-servers.ts';
import { dynamoLockRecords } from '../../../functions/records/dynamo-lock-records.ts';
import { createRecordsTable } from '../../../functions/records/records-table.ts';
import { signedDynamoCalls } from '../../../functions/records/signed-dynamo-calls.ts';
import type { AutoScalingGroup } from '../../../functions/shared/aws/auto-scaling.ts';
import type { JsonService } from '../../../functions/shared/aws/signed/json-service.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Service } from '../seam/call.ts';
import type { World } from './world.ts';

/** Period of the schedule that tends incidents. */
const TEND_MS = 300_000;

export interface IncidentOptions {
  readonly kernel: Kernel;
  readonly world: Pick<World, 'dynamoDb' | 'autoScaling' | 'installation' | 'services'>;
  /** Called when the incident holds the lock. */
  readonly took: (kind: IncidentFault) => void;
}

/** `incident.dies`: nothing renews its lease after it has taken the lock, and the schedule comes only when it is over. */
export type IncidentFault = 'incident.holds' | 'incident.dies';

/** @param lastsMs then what it has done is undone */
export type StrikeIncident = (kind: IncidentFault, lastsMs: number) => void;

/** Its end is the simulation's own, so that no witness is asked. */
const NOBODY = {
  ...{ fleets: [], witnessed: [] },
  askFleet: () => Promise.reject(new Error('no witness is simulated')),
  reading: async () => undefined,
  unreachable: async () => undefined,
  now: () => 0,
};

export function createIncident({ kernel, world, took }: IncidentOptions): StrikeIncident {
  const { fleet, recordsTable } = world.installation;
  const group = simulatedGroup(world.services.autoscaling as Service, world.autoScaling.group.name);
  const records = dynamoLockRecords(createRecordsTable(signedDynamoCalls(direct(world.dynamoDb.service)), recordsTable));
  const keepServers = createKeepServers({
    fleets: {
      [fleet]: { targetGroupArn: 'arn:any', strategy: 'redis', expectedStickiness: { enabled: false }, autoScalingGroup: group.name },
    },
    records,
    groupOf: () => group,
    readServers: async () => [],
    asksStore: async () => true,
    witnesses: NOBODY,
    longestMs: Number.POSITIVE_INFINITY,
    now: () => kernel.now(),
  });
  let incidents = 0;

  const play = async (kind: IncidentFault, lastsMs: number) => {
    incidents += 1;
    const target = { incidentId: `inc-${String(incidents).padStart(12, '0')}`, fleet, executionArn: `arn:runbook-${incidents}` };
    const plan = await keepServers.plan(target);
    if ('refused' in plan) return kernel.note('incident', `${target.incidentId}: ${plan.refused}`);
    await keepServers.act(target, plan);
    if ((await records.getLock(fleet))?.deployId !== target.incidentId) throw new Error(`${target.incidentId} has no lock`);
    kernel.note('incident', `${target.incidentId} holds the lock`);
    took(kind);
    for (let leftMs = lastsMs; leftMs > 0; leftMs -= TEND_MS) {
      await kernel.sleep(Math.min(leftMs, TEND_MS));
      const verified = leftMs > TEND_MS && kind === 'incident.holds' ? await keepServers.verify(target, plan) : undefined;
      if (verified === undefined) continue;
      if (verified.isHandedOver) throw new Error(`${target.incidentId} keeps servers, and ${verified.detail}`);
      const { suspendedProcesses } = await group.describe();
      const runs = plan.calls.flatMap(({ operation, input }) =>
        operation === 'SuspendProcesses' ? (input['ScalingProcesses'] as string[]).filter((one) => !suspendedProcesses.includes(one)) : [],
      );
      if (runs.length > 0) throw new Error(`${target.incidentId} keeps servers, and ${runs.join(' and ')} of ${group.name} runs again`);
    }
    while (!(await undone(() => keepServers.undo?.(target, plan)))) await kernel.sleep(TEND_MS);
    kernel.note('incident', `${target.incidentId} is over`);
  };
  return (kind, lastsMs) => void play(kind, lastsMs).catch((error: unknown) => kernel.fail(error));
}

/** False while a deploy has the lock that has not taken over yet what is suspended: the schedule tries again. */
async function undone(undo: () => Promise<void> | undefined): Promise<boolean> {
  try {
    await undo();
    return true;
  } catch (error) {
    if (error instanceof HandingOver) return false;
    throw error;
  }
}

/** The simulated service as functions call it, at once and without a fault. */
const direct =
  (service: Service): JsonService =>
  async <Output>(operation: string, input: object) => {
    try {
      return service[operation]?.(input as never) as Output;
    } catch (error) {
      if (error instanceof AwsError) throw Object.assign(new Error(error.message), { name: error.code });
      throw error;
    }
  };

function simulatedGroup(service: Service, AutoScalingGroupName: string): AutoScalingGroup {
  const call = direct(service);
  interface Found {
    readonly HealthCheckType: string;
    readonly Instances: readonly { readonly InstanceId: string; readonly LifecycleState: string; readonly HealthStatus: string }[];
    readonly SuspendedProcesses: readonly { readonly ProcessName: string }[];
  }
  return {
    name: AutoScalingGroupName,
    hooks: async () => [],
    async describe() {
      const found = await call<{ AutoScalingGroups: Found[] }>('DescribeAutoScalingGroups', {
        AutoScalingGroupNames: [AutoScalingGroupName],
      });
      const [one] = found.AutoScalingGroups;
      if (one === undefined) throw new Error(`there is no group ${AutoScalingGroupName}`);
      return {
        members: one.Instances.map(({ InstanceId, LifecycleState, HealthStatus }) => ({
          instanceId: InstanceId,
          lifecycleState: LifecycleState,
          healthStatus: HealthStatus,
        })),
        targetGroupArns: [],
        suspendedProcesses: one.SuspendedProcesses.map(({ ProcessName }) => ProcessName),
        healthCheckType: one.HealthCheckType,
      };
    },
    suspend: (ScalingProcesses) => call('SuspendProcesses', { AutoScalingGroupName, ScalingProcesses }),
    resume: (ScalingProcesses) => call('ResumeProcesses', { AutoScalingGroupName, ScalingProcesses }),
    markHealthy: (InstanceId) => call('SetInstanceHealth', { InstanceId, HealthStatus: 'Healthy', ShouldRespectGracePeriod: false }),
  };
}
