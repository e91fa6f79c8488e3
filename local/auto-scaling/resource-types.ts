/** CloudFormation's Auto Scaling types, through the same code that answers the API. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ResourceProvider, ResourceRequest } from '../gateway/service.ts';
import type { EngineContext } from './engine-context.ts';
import { createGroup, updateGroup } from './group-operations.ts';
import type { ZoneLookup } from './group-settings.ts';
import type { Group } from './group-state.ts';
import { deleteHook, hookInput, putHook } from './hook-operations.ts';
import { list, parseInput, text } from './parse-input.ts';
import { findPolicy, putPolicy } from './policy-operations.ts';
import type { ScalingEngine } from './scaling-engine.ts';
import { putTags, tagInput } from './tag-operations.ts';
import { attachTargetGroup, detachTargetGroup } from './target-group-operations.ts';

const inGroup = z.looseObject({ AutoScalingGroupName: text });

export function resourceTypes(context: EngineContext, engine: ScalingEngine, zoneOf: ZoneLookup): Record<string, ResourceProvider> {
  return {
    'AWS::AutoScaling::AutoScalingGroup': groupProvider(context, engine, zoneOf),
    'AWS::AutoScaling::LifecycleHook': hookProvider(context),
    'AWS::AutoScaling::ScalingPolicy': policyProvider(context),
    'AWS::AutoScaling::ScheduledAction': scheduledActionProvider(context),
  };
}

function generatedName(request: ResourceRequest): string {
  return `${request.stackName}-${request.logicalId}-${randomUUID().slice(0, 13).replace('-', '').toUpperCase()}`;
}

function provided(group: Group) {
  return { physicalId: group.name, attributes: { AutoScalingGroupARN: group.arn } };
}

function groupProvider(context: EngineContext, engine: ScalingEngine, zoneOf: ZoneLookup): ResourceProvider {
  const create: ResourceProvider['create'] = async (request) => {
    const name = (request.properties['AutoScalingGroupName'] as string | undefined) ?? generatedName(request);
    return provided(createGroup(context, zoneOf, { ...request.properties, AutoScalingGroupName: name }));
  };
  return {
    create,
    async update(request) {
      const { properties, physicalId } = request;
      const renamed = properties['AutoScalingGroupName'] !== undefined && properties['AutoScalingGroupName'] !== physicalId;
      if (renamed) return create(request);
      const group = updateGroup(context, zoneOf, { ...properties, AutoScalingGroupName: physicalId });
      const rest = z.object({
        TargetGroupARNs: list(text).default([]),
        Tags: list(tagInput).default([]),
        LifecycleHookSpecificationList: list(hookInput).default([]),
      });
      const wanted = parseInput(rest, properties);
      const before = parseInput(rest, request.previous);
      for (const arn of wanted.TargetGroupARNs) await attachTargetGroup(context, group, arn);
      for (const arn of before.TargetGroupARNs) {
        if (!wanted.TargetGroupARNs.includes(arn)) await detachTargetGroup(context, group, arn);
      }
      // Only what the template itself had put there is taken away: a hook may be a resource of its own.
      const kept = new Set(wanted.LifecycleHookSpecificationList.map((hook) => hook.LifecycleHookName));
      for (const hook of before.LifecycleHookSpecificationList) {
        if (!kept.has(hook.LifecycleHookName)) deleteHook(group, hook.LifecycleHookName);
      }
      for (const hook of wanted.LifecycleHookSpecificationList) putHook(group, hook);
      const dropped = new Set(before.Tags.map((tag) => tag.Key));
      group.tags = group.tags.filter((tag) => !dropped.has(tag.key));
      putTags(group, wanted.Tags);
      return provided(group);
    },
    async delete({ physicalId }) {
      const group = context.registry.groups.get(physicalId);
      if (group !== undefined) await engine.endGroup(group);
    },
  };
}

function hookProvider(context: EngineContext): ResourceProvider {
  const put = async (properties: Record<string, unknown>, name: string) => {
    const { AutoScalingGroupName } = parseInput(inGroup, properties);
    putHook(context.registry.need(AutoScalingGroupName), parseInput(hookInput, { ...properties, LifecycleHookName: name }));
    return { physicalId: name, attributes: {} };
  };
  return {
    create: (request) => put(request.properties, (request.properties['LifecycleHookName'] as string | undefined) ?? generatedName(request)),
    update: (request) => put(request.properties, request.physicalId),
    async delete({ properties, physicalId }) {
      const group = context.registry.groups.get(String(properties['AutoScalingGroupName']));
      if (group?.hooks.has(physicalId)) deleteHook(group, physicalId);
    },
  };
}

/** Ref is the policy's ARN. */
function policyProvider(context: EngineContext): ResourceProvider {
  const put = async (properties: Record<string, unknown>, name: string) => {
    const { AutoScalingGroupName } = parseInput(inGroup, properties);
    const arn = putPolicy(context, context.registry.need(AutoScalingGroupName), name, properties);
    return { physicalId: arn, attributes: { Arn: arn, PolicyName: name } };
  };
  return {
    create: (request) => put(request.properties, generatedName(request)),
    update: (request) => put(request.properties, request.physicalId.split(':policyName/')[1] ?? request.logicalId),
    async delete({ properties, physicalId }) {
      const group = context.registry.groups.get(String(properties['AutoScalingGroupName']));
      const name = group && findPolicy(group, physicalId);
      if (name !== undefined) group?.policies.delete(name);
    },
  };
}

function scheduledActionProvider(context: EngineContext): ResourceProvider {
  const put = async (properties: Record<string, unknown>, name: string) => {
    const { AutoScalingGroupName } = parseInput(inGroup, properties);
    context.registry.need(AutoScalingGroupName).scheduledActions.set(name, { ...properties, ScheduledActionName: name });
    return { physicalId: name, attributes: { ScheduledActionName: name } };
  };
  return {
    create: (request) => put(request.properties, generatedName(request)),
    update: (request) => put(request.properties, request.physicalId),
    async delete({ properties, physicalId }) {
      context.registry.groups.get(String(properties['AutoScalingGroupName']))?.scheduledActions.delete(physicalId);
    },
  };
}
