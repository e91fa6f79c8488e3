/** The operations of `autoscaling` that functions call: those of the local cloud. */
import type { EngineContext } from '#local-aws/auto-scaling/engine-context.ts';
import { groupOperations } from '#local-aws/auto-scaling/group-operations.ts';
import { hookOperations } from '#local-aws/auto-scaling/hook-operations.ts';
import { instanceOperations } from '#local-aws/auto-scaling/instance-operations.ts';
import type { ScalingEngine } from '#local-aws/auto-scaling/scaling-engine.ts';
import type { CallContext, Operation as LocalOperation } from '#local-aws/service/service.ts';
import type { Service } from '../../seam/call.ts';

const ACTION = ['AutoScalingGroupName', 'LifecycleHookName', 'LifecycleActionToken', 'InstanceId'];

/** The operations, and the fields of their input that have an effect here. */
const FIELDS = {
  DescribeAutoScalingGroups: ['AutoScalingGroupNames', 'NextToken', 'MaxRecords'],
  DescribeLifecycleHooks: ['AutoScalingGroupName'],
  SuspendProcesses: ['AutoScalingGroupName', 'ScalingProcesses'],
  ResumeProcesses: ['AutoScalingGroupName', 'ScalingProcesses'],
  SetDesiredCapacity: ['AutoScalingGroupName', 'DesiredCapacity'],
  SetInstanceHealth: ['InstanceId', 'HealthStatus', 'ShouldRespectGracePeriod'],
  TerminateInstanceInAutoScalingGroup: ['InstanceId', 'ShouldDecrementDesiredCapacity'],
  CompleteLifecycleAction: [...ACTION, 'LifecycleActionResult'],
  RecordLifecycleActionHeartbeat: ACTION,
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** @param changed called after a call that can change what the group is to do */
export function createGroupService(context: EngineContext, engine: ScalingEngine, changed: () => void): Service {
  const local = { ...groupOperations(context, engine, () => undefined), ...instanceOperations(context), ...hookOperations(context) };
  const caller: CallContext = { region: context.region, accountId: context.accountId, accessKeyId: 'simulated' };
  return Object.fromEntries(
    Object.entries(FIELDS).map(([name, fields]) => [name, simulated(name, fields, local[name] as LocalOperation, caller, changed)]),
  );
}

function simulated(
  name: string,
  fields: readonly string[],
  operation: LocalOperation,
  caller: CallContext,
  changed: () => void,
): (input: Record<string, unknown>) => object {
  return (input) => {
    const unknown = Object.keys(input).find((field) => !fields.includes(field));
    if (unknown !== undefined) throw new Error(`the simulated Auto Scaling lacks ${name}'s ${unknown}`);
    const output = operation(input, caller);
    if (output instanceof Promise) throw new Error(`${name} of the local cloud does not answer at once`);
    if (!name.startsWith('Describe')) changed();
    return output ?? {};
  };
}
