/** Create, update, describe and delete groups; their sizes and their processes. */
import { z } from 'zod';
import { flag, list, page, requiredText, whole } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { describeActivity, describeGroup } from './describe-shapes.ts';
import type { EngineContext } from './engine-context.ts';
import { applySettings, checkDesired, groupSettings, type ZoneLookup } from './group-settings.ts';
import { type Group, PROCESSES } from './group-state.ts';
import { hookInput, putHook } from './hook-operations.ts';
import { pageInput, parseInput } from './input.ts';
import type { ScalingEngine } from './scaling-engine.ts';
import { putTags, tagInput } from './tag-operations.ts';

const named = z.object({ AutoScalingGroupName: requiredText });
const filter = z.object({ Name: requiredText, Values: list(requiredText).optional() });
// Made once: making a schema takes longer than reading by it, and the simulation describes its group in every step of a deploy.
const describeInput = pageInput.extend({ AutoScalingGroupNames: list(requiredText).optional(), Filters: list(filter).optional() });
const processesInput = named.extend({ ScalingProcesses: list(z.enum(PROCESSES)).optional() });

const createInput = groupSettings.extend({
  AutoScalingGroupName: requiredText,
  MinSize: whole(0),
  MaxSize: whole(0),
  Tags: list(tagInput).optional(),
  LifecycleHookSpecificationList: list(hookInput).optional(),
});

/** @throws AwsError AlreadyExists, ValidationError */
export function createGroup(context: EngineContext, zoneOf: ZoneLookup, input: unknown): Group {
  const settings = parseInput(createInput, input);
  const name = settings.AutoScalingGroupName;
  if (context.registry.groups.has(name)) {
    throw new AwsError('AlreadyExists', `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`);
  }
  const group: Group = {
    name,
    arn: `arn:aws:autoscaling:${context.region}:${context.accountId}:autoScalingGroup:${context.newId()}:autoScalingGroupName/${name}`,
    createdAtMs: context.now(),
    minSize: settings.MinSize,
    maxSize: settings.MaxSize,
    desired: settings.MinSize,
    defaultCooldownSeconds: 300,
    availabilityZones: [],
    vpcZoneIdentifier: '',
    targetGroupArns: new Set(settings.TargetGroupARNs ?? []),
    healthCheckType: 'EC2',
    healthCheckGracePeriodSeconds: 0,
    newInstancesProtected: false,
    terminationPolicies: ['Default'],
    serviceLinkedRoleArn: `arn:aws:iam::${context.accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    tags: [],
    suspended: new Map(),
    hooks: new Map(),
    members: new Map(),
    launching: new Set(),
    launchFailures: 0,
    launchNotBeforeMs: 0,
    lastHealthCheckMs: context.now(),
    retainsAbandoned: false,
    collectedMetrics: new Set(),
    lastMetricsMs: 0,
    refreshes: [],
    deleting: false,
  };
  applySettings(group, settings, context.region, zoneOf);
  if (group.launchTemplate === undefined) {
    throw new AwsError(
      'ValidationError',
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  }
  if (group.availabilityZones.length === 0) {
    throw new AwsError('ValidationError', 'At least one Availability Zone or VPC Subnet is required.');
  }
  putTags(group, settings.Tags ?? []);
  // Hooks are in place before the engine first checks the group, so that the first launch waits for them.
  for (const hook of settings.LifecycleHookSpecificationList ?? []) putHook(group, hook);
  context.registry.groups.set(name, group);
  return group;
}

/** @throws AwsError ValidationError, ResourceContention while the group is being deleted */
export function updateGroup(context: EngineContext, zoneOf: ZoneLookup, input: unknown): Group {
  const settings = parseInput(groupSettings.extend({ AutoScalingGroupName: requiredText }), input);
  const group = context.registry.need(settings.AutoScalingGroupName);
  if (group.deleting) throw new AwsError('ResourceContention', `AutoScalingGroup ${group.name} is being deleted`, 500);
  applySettings(group, settings, context.region, zoneOf);
  return group;
}

/** @throws AwsError ResourceInUse, ScalingActivityInProgress */
async function deleteGroup(context: EngineContext, engine: ScalingEngine, input: unknown): Promise<void> {
  const request = parseInput(named.extend({ ForceDelete: flag.optional() }), input);
  const group = context.registry.need(request.AutoScalingGroupName);
  if (request.ForceDelete !== true) {
    if (group.members.size > 0) {
      throw new AwsError(
        'ResourceInUse',
        'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
      );
    }
    if (group.launching.size > 0) {
      throw new AwsError(
        'ScalingActivityInProgress',
        'You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.',
      );
    }
  }
  await engine.endGroup(group);
}

export function groupOperations(context: EngineContext, engine: ScalingEngine, zoneOf: ZoneLookup): Record<string, Operation> {
  const { registry } = context;
  return {
    CreateAutoScalingGroup(input) {
      createGroup(context, zoneOf, input);
      return undefined;
    },
    UpdateAutoScalingGroup(input) {
      updateGroup(context, zoneOf, input);
      return undefined;
    },
    DeleteAutoScalingGroup: async (input) => {
      await deleteGroup(context, engine, input);
      return undefined;
    },
    DescribeAutoScalingGroups(input) {
      const request = parseInput(describeInput, input);
      const names = request.AutoScalingGroupNames ?? [];
      const groups = [...registry.groups.values()]
        .filter((group) => names.length === 0 || names.includes(group.name))
        .filter((group) => (request.Filters ?? []).every((item) => matchesFilter(group, item.Name, item.Values ?? [])));
      const { items, nextToken } = page(groups, request.NextToken, request.MaxRecords);
      return { AutoScalingGroups: items.map(describeGroup), ...nextToken };
    },
    SetDesiredCapacity(input) {
      const request = parseInput(named.extend({ DesiredCapacity: whole(0), HonorCooldown: flag.optional() }), input);
      const group = registry.need(request.AutoScalingGroupName);
      checkDesired(request.DesiredCapacity, group.minSize, group.maxSize);
      group.desired = request.DesiredCapacity;
      return undefined;
    },
    SuspendProcesses(input) {
      const { group, processes } = processRequest(input);
      const at = new Date(context.now()).toISOString();
      for (const process of processes) group.suspended.set(process, group.suspended.get(process) ?? `User suspended at ${at}`);
      return undefined;
    },
    ResumeProcesses(input) {
      const { group, processes } = processRequest(input);
      for (const process of processes) group.suspended.delete(process);
      return undefined;
    },
    DescribeScalingActivities(input) {
      const schema = pageInput.extend({
        MaxRecords: whole(1, 100).default(100),
        AutoScalingGroupName: requiredText.optional(),
        ActivityIds: list(requiredText).optional(),
        IncludeDeletedGroups: flag.optional(),
      });
      const request = parseInput(schema, input);
      if (request.AutoScalingGroupName !== undefined && request.IncludeDeletedGroups !== true) registry.need(request.AutoScalingGroupName);
      const ids = request.ActivityIds ?? [];
      const wanted = registry
        .activities()
        .filter((activity) => request.AutoScalingGroupName === undefined || activity.groupName === request.AutoScalingGroupName)
        .filter((activity) => ids.length === 0 || ids.includes(activity.id))
        .filter((activity) => request.IncludeDeletedGroups === true || registry.groups.get(activity.groupName)?.arn === activity.groupArn);
      const { items, nextToken } = page(wanted, request.NextToken, request.MaxRecords);
      return {
        Activities: items.map((activity) => describeActivity(activity, registry.groups.get(activity.groupName)?.arn === activity.groupArn)),
        ...nextToken,
      };
    },
  };

  /** The group and the processes that a request names; a request without names means every process. */
  function processRequest(input: unknown) {
    const request = parseInput(processesInput, input);
    const processes = request.ScalingProcesses ?? [];
    return { group: registry.need(request.AutoScalingGroupName), processes: processes.length === 0 ? PROCESSES : processes };
  }
}

function matchesFilter(group: Group, name: string, values: readonly string[]): boolean {
  if (name === 'tag-key') return group.tags.some((tag) => values.includes(tag.key));
  if (name === 'tag-value') return group.tags.some((tag) => values.includes(tag.value));
  if (name.startsWith('tag:')) return group.tags.some((tag) => tag.key === name.slice(4) && values.includes(tag.value));
  throw new AwsError('ValidationError', `Filter name ${name} is not valid.`);
}
