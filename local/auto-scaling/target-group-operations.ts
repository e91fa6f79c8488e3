/** Attaches groups to load balancer target groups and takes them off again. */
import { z } from 'zod';
import type { Operation } from '../gateway/service.ts';
import type { EngineContext } from './engine-context.ts';
import type { Group } from './group-state.ts';
import { deregisterTarget, registerTarget } from './member-steps.ts';
import { list, page, pageInput, parseInput, text } from './parse-input.ts';

const request = z.object({ AutoScalingGroupName: text, TargetGroupARNs: list(text) });

/** Registers what is in service; an instance that starts later is registered on its way in. */
export async function attachTargetGroup(context: EngineContext, group: Group, arn: string): Promise<void> {
  if (group.targetGroupArns.has(arn)) return;
  group.targetGroupArns.add(arn);
  if (group.suspended.has('AddToLoadBalancer')) return;
  for (const member of group.members.values()) {
    if (member.state === 'InService') await registerTarget(context, member, arn);
  }
}

export async function detachTargetGroup(context: EngineContext, group: Group, arn: string): Promise<void> {
  if (!group.targetGroupArns.delete(arn)) return;
  for (const member of group.members.values()) {
    if (member.registeredWith.delete(arn)) await deregisterTarget(context, member, arn);
  }
}

export function targetGroupOperations(context: EngineContext): Record<string, Operation> {
  return {
    AttachLoadBalancerTargetGroups: async (input) => {
      const { AutoScalingGroupName, TargetGroupARNs } = parseInput(request, input);
      const group = context.registry.need(AutoScalingGroupName);
      for (const arn of TargetGroupARNs) await attachTargetGroup(context, group, arn);
      return {};
    },
    DetachLoadBalancerTargetGroups: async (input) => {
      const { AutoScalingGroupName, TargetGroupARNs } = parseInput(request, input);
      const group = context.registry.need(AutoScalingGroupName);
      for (const arn of TargetGroupARNs) await detachTargetGroup(context, group, arn);
      return {};
    },
    DescribeLoadBalancerTargetGroups(input) {
      const described = parseInput(pageInput.extend({ AutoScalingGroupName: text }), input);
      const group = context.registry.need(described.AutoScalingGroupName);
      const { items, nextToken } = page([...group.targetGroupArns], described, 100);
      return {
        LoadBalancerTargetGroups: items.map((arn) => ({ LoadBalancerTargetGroupARN: arn, State: attachmentState(context, group, arn) })),
        ...nextToken,
      };
    },
  };
}

/** `InService` once one registered instance passed its health check, `Added` before. */
function attachmentState(context: EngineContext, group: Group, arn: string): string {
  const healthy = [...group.members.values()].some(
    (member) => member.registeredWith.has(arn) && context.targetGroups.health(arn, member.instanceId) === 'healthy',
  );
  return healthy ? 'InService' : 'Added';
}
