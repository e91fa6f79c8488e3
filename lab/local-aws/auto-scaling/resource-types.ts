/** CloudFormation's Auto Scaling types, through the same code that answers the API. */
import { z } from 'zod';
import { list, requiredText } from '../service/parse-input.ts';
import { generatedName, type ResourceProvider } from '../service/service.ts';
import { awaitStable } from './await-stable.ts';
import type { EngineContext } from './engine-context.ts';
import { createGroup, updateGroup } from './group-operations.ts';
import type { ZoneLookup } from './group-settings.ts';
import type { Group } from './group-state.ts';
import { deleteHook, hookInput, putHook } from './hook-operations.ts';
import { parseInput } from './input.ts';
import { deregisterTarget, registerTarget } from './member-steps.ts';
import type { ScalingEngine } from './scaling-engine.ts';
import { putTags, tagInput } from './tag-operations.ts';

const inGroup = z.looseObject({ AutoScalingGroupName: requiredText });

export function resourceTypes(context: EngineContext, engine: ScalingEngine, zoneOf: ZoneLookup): Record<string, ResourceProvider> {
  return {
    'AWS::AutoScaling::AutoScalingGroup': groupProvider(context, engine, zoneOf),
    'AWS::AutoScaling::LifecycleHook': hookProvider(context),
  };
}

function provided(group: Group) {
  return { physicalId: group.name, attributes: { AutoScalingGroupARN: group.arn } };
}

function groupProvider(context: EngineContext, engine: ScalingEngine, zoneOf: ZoneLookup): ResourceProvider {
  const create: ResourceProvider['create'] = async (request) => {
    const name = (request.properties['AutoScalingGroupName'] as string | undefined) ?? generatedName(request);
    const group = createGroup(context, zoneOf, { ...request.properties, AutoScalingGroupName: name });
    try {
      await awaitStable(context, group);
    } catch (error) {
      // Ends the group here, because the emulator's rollback leaves out a resource whose creation failed.
      await engine.endGroup(group);
      throw error;
    }
    return provided(group);
  };
  return {
    create,
    async update(request) {
      const { properties, physicalId } = request;
      const renamed = properties['AutoScalingGroupName'] !== undefined && properties['AutoScalingGroupName'] !== physicalId;
      if (renamed) return create(request);
      const group = updateGroup(context, zoneOf, { ...properties, AutoScalingGroupName: physicalId });
      const rest = z.object({
        TargetGroupARNs: list(requiredText).default([]),
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

/** Registers what is in service; an instance that starts later is registered on its way in. */
async function attachTargetGroup(context: EngineContext, group: Group, arn: string): Promise<void> {
  if (group.targetGroupArns.has(arn)) return;
  group.targetGroupArns.add(arn);
  if (group.suspended.has('AddToLoadBalancer')) return;
  for (const member of group.members.values()) {
    if (member.state === 'InService') await registerTarget(context, member, arn);
  }
}

async function detachTargetGroup(context: EngineContext, group: Group, arn: string): Promise<void> {
  if (!group.targetGroupArns.delete(arn)) return;
  for (const member of group.members.values()) {
    if (member.registeredWith.delete(arn)) await deregisterTarget(context, member, arn);
  }
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
