/** Operations on the instances of groups. */
import { z } from 'zod';
import { flag, list, page, requiredText } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { describeActivity, describeGroupMember } from './describe-shapes.ts';
import type { EngineContext } from './engine-context.ts';
import type { Member } from './group-state.ts';
import { pageInput, parseInput } from './input.ts';
import { beginTermination, endRetained } from './member-steps.ts';

export function instanceOperations(context: EngineContext): Record<string, Operation> {
  const { registry } = context;
  return {
    DescribeAutoScalingInstances(input) {
      const request = parseInput(pageInput.extend({ InstanceIds: list(requiredText).optional() }), input);
      const ids = request.InstanceIds ?? [];
      const all = [...registry.groups.values()].flatMap((group) => [...group.members.values()].map((member) => ({ group, member })));
      const { items, nextToken } = page(
        all.filter(({ member }) => ids.length === 0 || ids.includes(member.instanceId)),
        request.NextToken,
        request.MaxRecords,
      );
      return { AutoScalingInstances: items.map(({ group, member }) => describeGroupMember(group, member)), ...nextToken };
    },
    TerminateInstanceInAutoScalingGroup(input) {
      const request = parseInput(z.object({ InstanceId: requiredText, ShouldDecrementDesiredCapacity: flag }), input);
      const { group, member } = registry.needMember(request.InstanceId);
      const byUser = 'an instance was taken out of service in response to a user request';
      if (member.state === 'Terminating:Retained') endRetained(context, group, member, byUser);
      else if (!member.state.startsWith('Terminating')) {
        if (request.ShouldDecrementDesiredCapacity && countsTowardsDesired(member)) {
          if (group.desired <= group.minSize) {
            throw new AwsError(
              'ValidationError',
              `Currently, desiredSize equals minSize (${group.minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
            );
          }
          group.desired -= 1;
        }
        beginTermination(context, group, member, byUser);
      }
      return { Activity: member.activity === undefined ? undefined : describeActivity(member.activity, true) };
    },
    SetInstanceHealth(input) {
      const schema = z.object({
        InstanceId: requiredText,
        HealthStatus: z.enum(['Healthy', 'Unhealthy']),
        ShouldRespectGracePeriod: flag.optional(),
      });
      const request = parseInput(schema, input);
      const { group, member } = registry.needMember(request.InstanceId);
      if (member.state.startsWith('Terminating')) {
        throw new AwsError(
          'ValidationError',
          `Instance ${member.instanceId} is in lifecycle state ${member.state}: its health cannot be set.`,
        );
      }
      const graceEndsMs = (member.inServiceAtMs ?? context.now()) + group.healthCheckGracePeriodSeconds * 1000;
      const inGrace = request.ShouldRespectGracePeriod !== false && context.now() < graceEndsMs;
      if (request.HealthStatus === 'Healthy' || !inGrace) member.health = request.HealthStatus;
      return undefined;
    },
  };
}

function countsTowardsDesired(member: Member): boolean {
  return member.state === 'InService' || member.state.startsWith('Pending');
}
