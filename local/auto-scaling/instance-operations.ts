/** Operations on the instances of groups. */
import { z } from 'zod';
import { AwsError, type Operation } from '../gateway/service.ts';
import { describeActivity, describeGroupMember } from './describe-shapes.ts';
import type { EngineContext } from './engine-context.ts';
import type { Activity, Group, Member } from './group-state.ts';
import { beginTermination } from './member-steps.ts';
import { flag, list, page, pageInput, parseInput, text } from './parse-input.ts';

const inGroup = z.object({ AutoScalingGroupName: text, InstanceIds: list(text).optional() });
const leaving = inGroup.extend({ ShouldDecrementDesiredCapacity: flag });

export function instanceOperations(context: EngineContext): Record<string, Operation> {
  const { registry } = context;
  return {
    DescribeAutoScalingInstances(input) {
      const request = parseInput(pageInput.extend({ InstanceIds: list(text).optional() }), input);
      const ids = request.InstanceIds ?? [];
      const all = [...registry.groups.values()].flatMap((group) => [...group.members.values()].map((member) => ({ group, member })));
      const { items, nextToken } = page(
        all.filter(({ member }) => ids.length === 0 || ids.includes(member.instanceId)),
        request,
      );
      return { AutoScalingInstances: items.map(({ group, member }) => describeGroupMember(group, member)), ...nextToken };
    },
    TerminateInstanceInAutoScalingGroup(input) {
      const request = parseInput(z.object({ InstanceId: text, ShouldDecrementDesiredCapacity: flag }), input);
      const { group, member } = registry.needMember(request.InstanceId);
      if (!member.state.startsWith('Terminating')) {
        if (request.ShouldDecrementDesiredCapacity && countsTowardsDesired(member)) {
          if (group.desired <= group.minSize) {
            throw new AwsError(
              'ValidationError',
              `Currently, desiredSize equals minSize (${group.minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
            );
          }
          group.desired -= 1;
        }
        beginTermination(context, group, member, 'an instance was taken out of service in response to a user request');
      }
      return { Activity: member.activity === undefined ? undefined : describeActivity(member.activity, true) };
    },
    SetInstanceHealth(input) {
      const schema = z.object({
        InstanceId: text,
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
    EnterStandby(input) {
      const request = parseInput(leaving, input);
      const { group, members } = membersIn(request, ['InService']);
      if (request.ShouldDecrementDesiredCapacity) lowerDesired(group, members.length, 'place into standby');
      const activities = members.map((member) =>
        leave(group, member, 'EnteringStandby', `Moving EC2 instance to Standby: ${member.instanceId}`, 'was moved to standby'),
      );
      return { Activities: activities.map((activity) => describeActivity(activity, true)) };
    },
    ExitStandby(input) {
      const { group, members } = membersIn(parseInput(inGroup, input), ['Standby']);
      raiseDesired(group, members.length, 'move out of standby');
      return {
        Activities: members.map((member) =>
          describeActivity(enter(group, member, 'Moving EC2 instance out of Standby', 'was moved out of standby'), true),
        ),
      };
    },
    DetachInstances(input) {
      const request = parseInput(leaving, input);
      const { group, members } = membersIn(request, ['InService', 'Standby']);
      const counted = members.filter(countsTowardsDesired);
      if (request.ShouldDecrementDesiredCapacity) lowerDesired(group, counted.length, 'detach');
      const activities = members.map((member) =>
        leave(group, member, 'Detaching', `Detaching EC2 instance: ${member.instanceId}`, 'was detached'),
      );
      return { Activities: activities.map((activity) => describeActivity(activity, true)) };
    },
    AttachInstances(input) {
      const request = parseInput(inGroup, input);
      const group = registry.need(request.AutoScalingGroupName);
      const ids = request.InstanceIds ?? [];
      for (const id of ids) {
        if (registry.find(id) !== undefined)
          throw new AwsError('ValidationError', `The instance ${id} is already part of an Auto Scaling group.`);
        if (!context.machines.isRunning(id))
          throw new AwsError('ValidationError', `Invalid Instance ID(s) specified: ${id} is not in the running state.`);
      }
      raiseDesired(group, ids.length, 'attach');
      for (const id of ids) {
        const member = attachable(context, group, id);
        registry.detached.delete(id);
        group.members.set(id, member);
        enter(group, member, 'Attaching an existing EC2 instance', 'was attached');
      }
      return undefined;
    },
  };

  function membersIn(request: z.output<typeof inGroup>, states: readonly Member['state'][]): { group: Group; members: Member[] } {
    const group = registry.need(request.AutoScalingGroupName);
    const members = (request.InstanceIds ?? []).map((id) => {
      const member = group.members.get(id);
      if (member === undefined)
        throw new AwsError('ValidationError', `The instance ${id} is not part of Auto Scaling group ${group.name}.`);
      if (!states.includes(member.state)) {
        throw new AwsError('ValidationError', `The instance ${id} is not in ${states.join(' or ')}: it is in ${member.state}.`);
      }
      if (member.busy) throw new AwsError('ResourceContention', `An activity on ${id} is already in progress.`, 500);
      return member;
    });
    return { group, members };
  }

  function lowerDesired(group: Group, count: number, action: string): void {
    if (group.desired - count < group.minSize) throw sizeError(group, count, action);
    group.desired -= count;
  }

  /** AWS: while Launch is suspended, an instance cannot be attached or return from Standby. */
  function raiseDesired(group: Group, count: number, action: string): void {
    if (group.suspended.has('Launch'))
      throw new AwsError('ValidationError', `The Launch process of ${group.name} is suspended: resume it first.`);
    if (group.desired + count > group.maxSize) throw sizeError(group, count, action);
    group.desired += count;
  }

  /** Lifecycle hooks are passed by: AWS has none for attaching, detaching and Standby. */
  function leave(group: Group, member: Member, state: 'EnteringStandby' | 'Detaching', description: string, verb: string): Activity {
    member.state = state;
    member.drainDeadlineMs = undefined;
    member.activity = begin(group, member, description, verb);
    return member.activity;
  }

  function enter(group: Group, member: Member, description: string, verb: string): Activity {
    member.state = 'Pending';
    member.skipHooks = true;
    member.drainDeadlineMs = undefined;
    member.registeredWith.clear();
    member.activity = begin(group, member, `${description}: ${member.instanceId}`, verb);
    return member.activity;
  }

  function begin(group: Group, member: Member, description: string, verb: string): Activity {
    return registry.begin(group, {
      description,
      cause: `At ${new Date(context.now()).toISOString()} instance ${member.instanceId} ${verb} in response to a user request.`,
      status: 'InProgress',
      details: { 'Availability Zone': member.availabilityZone },
    });
  }
}

function countsTowardsDesired(member: Member): boolean {
  return member.state === 'InService' || member.state.startsWith('Pending');
}

function sizeError(group: Group, count: number, action: string): AwsError {
  return new AwsError(
    'ValidationError',
    `AutoScalingGroup ${group.name} has min-size=${group.minSize}, max-size=${group.maxSize}, and desired-size=${group.desired}. To ${action} ${count} instance(s), please update the AutoScalingGroup sizes appropriately.`,
  );
}

/** What was detached comes back as it was; of any other machine only the id is known. */
function attachable(context: EngineContext, group: Group, instanceId: string): Member {
  const detached = context.registry.detached.get(instanceId);
  return {
    instanceId,
    privateIp: detached?.privateIp ?? '',
    availabilityZone: detached?.availabilityZone ?? group.availabilityZones[0] ?? '',
    instanceType: detached?.instanceType ?? '',
    imageId: detached?.imageId ?? '',
    launchTemplate: detached?.launchTemplate,
    launchedAtMs: detached?.launchedAtMs ?? context.now(),
    state: 'Pending',
    health: 'Healthy',
    protectedFromScaleIn: group.newInstancesProtected,
    skipHooks: true,
    actions: [],
    registeredWith: new Set(),
    busy: false,
  };
}
