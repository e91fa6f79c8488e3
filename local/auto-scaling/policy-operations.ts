/** Scaling policies and scheduled actions: recorded and described, not acted on. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AwsError, type Operation } from '../gateway/service.ts';
import type { EngineContext } from './engine-context.ts';
import type { Group } from './group-state.ts';
import { list, page, pageInput, parseInput, text } from './parse-input.ts';

const policyInput = z.looseObject({ AutoScalingGroupName: text, PolicyName: text });

/** Returns the policy's ARN. */
export function putPolicy(context: EngineContext, group: Group, name: string, body: Record<string, unknown>): string {
  const arn =
    (group.policies.get(name)?.['PolicyARN'] as string | undefined) ??
    `arn:aws:autoscaling:${context.region}:${context.accountId}:scalingPolicy:${randomUUID()}:autoScalingGroupName/${group.name}:policyName/${name}`;
  group.policies.set(name, { PolicyType: 'SimpleScaling', ...body, AutoScalingGroupName: group.name, PolicyName: name, PolicyARN: arn });
  return arn;
}

/** By name or ARN. */
export function findPolicy(group: Group, nameOrArn: string): string | undefined {
  return [...group.policies].find(([name, policy]) => name === nameOrArn || policy['PolicyARN'] === nameOrArn)?.[0];
}

export function policyOperations(context: EngineContext): Record<string, Operation> {
  const { registry } = context;
  return {
    PutScalingPolicy(input) {
      const policy = parseInput(policyInput, input);
      return { PolicyARN: putPolicy(context, registry.need(policy.AutoScalingGroupName), policy.PolicyName, policy), Alarms: [] };
    },
    DescribePolicies(input) {
      const request = parseInput(pageInput.extend({ AutoScalingGroupName: text.optional(), PolicyNames: list(text).optional() }), input);
      const groups =
        request.AutoScalingGroupName === undefined ? [...registry.groups.values()] : [registry.need(request.AutoScalingGroupName)];
      const names = request.PolicyNames ?? [];
      const policies = groups
        .flatMap((group) => [...group.policies.values()])
        .filter(
          (policy) => names.length === 0 || names.includes(String(policy['PolicyName'])) || names.includes(String(policy['PolicyARN'])),
        );
      const { items, nextToken } = page(policies, request);
      return { ScalingPolicies: items.map((policy) => ({ Enabled: true, Alarms: [], ...policy })), ...nextToken };
    },
    DeletePolicy(input) {
      const request = parseInput(z.object({ AutoScalingGroupName: text.optional(), PolicyName: text }), input);
      const groups =
        request.AutoScalingGroupName === undefined ? [...registry.groups.values()] : [registry.need(request.AutoScalingGroupName)];
      for (const group of groups) {
        const name = findPolicy(group, request.PolicyName);
        if (name !== undefined) {
          group.policies.delete(name);
          return undefined;
        }
      }
      throw new AwsError('ValidationError', `PolicyName ${request.PolicyName} not found`);
    },
    DescribeScheduledActions(input) {
      const request = parseInput(pageInput.extend({ AutoScalingGroupName: text.optional() }), input);
      const groups =
        request.AutoScalingGroupName === undefined ? [...registry.groups.values()] : [registry.need(request.AutoScalingGroupName)];
      const { items, nextToken } = page(
        groups.flatMap((group) => [...group.scheduledActions.values()]),
        request,
      );
      return { ScheduledUpdateGroupActions: items, ...nextToken };
    },
  };
}
