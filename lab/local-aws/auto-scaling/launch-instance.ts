/** Starts one instance of a group: launch template, tags, machine, then a member that is Pending. */
import { messageOf } from '../service/message-of.ts';
import { type EngineContext, send, withTimeout } from './engine-context.ts';
import type { Activity, Group, Member } from './group-state.ts';
import { scalingResultEvent } from './scaling-events.ts';

/** Never rejects: a failed launch is an activity, an event and a longer wait before the next. */
export async function launchInstance(context: EngineContext, group: Group, availabilityZone: string, cause: string): Promise<void> {
  const placeholder = { availabilityZone };
  const subnetId = subnetOf(group, availabilityZone);
  const details = { 'Availability Zone': availabilityZone, ...(subnetId && { 'Subnet ID': subnetId }) };
  const activity = context.registry.begin(group, {
    description: 'Launching a new EC2 instance',
    cause,
    status: 'PreInService',
    details,
  });
  group.launching.add(placeholder);
  try {
    const member = await startMachine(context, group, availabilityZone, activity);
    activity.description = `Launching a new EC2 instance: ${member.instanceId}`;
    group.members.set(member.instanceId, member);
  } catch (error) {
    const waitMs = Math.min(context.settings.launchRetryMs * 2 ** group.launchFailures, context.settings.maxLaunchRetryMs);
    group.launchFailures += 1;
    group.launchNotBeforeMs = context.now() + waitMs;
    context.registry.end(activity, 'Failed', messageOf(error));
    context.log(`auto-scaling: ${group.name}: the launch failed and is tried again in ${waitMs} ms: ${messageOf(error)}`);
    await send(context, scalingResultEvent(context, group, activity, { kind: 'Launch' }));
  } finally {
    group.launching.delete(placeholder);
  }
}

async function startMachine(context: EngineContext, group: Group, availabilityZone: string, activity: Activity): Promise<Member> {
  const template = group.launchTemplate;
  const idOrName = template?.id ?? template?.name;
  if (template === undefined || idOrName === undefined) throw new Error('the group has no launch template');
  const resolved = await withTimeout(
    context.startTimer,
    context.launchTemplate(idOrName, template.version),
    context.settings.launchTimeoutMs,
    'the launch template',
  );
  const groupTags = group.tags.filter((tag) => tag.propagateAtLaunch).map((tag) => [tag.key, tag.value]);
  const work = context.machines.launch({
    userData: resolved.userData,
    imageId: resolved.imageId,
    instanceType: resolved.instanceType,
    availabilityZone,
    subnetId: subnetOf(group, availabilityZone),
    instanceProfile: resolved.instanceProfile,
    securityGroupIds: resolved.securityGroupIds,
    tags: { ...resolved.tags, ...Object.fromEntries(groupTags), 'aws:autoscaling:groupName': group.name },
  });
  let waiting = true;
  work
    .then((machine) => (waiting ? undefined : context.machines.terminate(machine.instanceId)))
    .catch((error: unknown) => {
      if (!waiting) context.log(`auto-scaling: ${group.name}: a machine that came up after its time-out: ${messageOf(error)}`);
    });
  try {
    const machine = await withTimeout(context.startTimer, work, context.settings.launchTimeoutMs, 'starting the instance');
    if (context.isStopped() || group.deleting) {
      await withTimeout(
        context.startTimer,
        context.machines.terminate(machine.instanceId),
        context.settings.terminateTimeoutMs,
        'ending the instance',
      );
      throw new Error('the group was deleted');
    }
    return {
      instanceId: machine.instanceId,
      privateIp: machine.privateIp,
      availabilityZone,
      instanceType: resolved.instanceType,
      imageId: resolved.imageId,
      launchTemplate: template,
      launchedAtMs: context.now(),
      state: 'Pending',
      health: 'Healthy',
      protectedFromScaleIn: group.newInstancesProtected,
      actions: [],
      registeredWith: new Set(),
      busy: false,
      activity,
    };
  } finally {
    waiting = false;
  }
}

const subnetOf = (group: Group, availabilityZone: string): string | undefined =>
  group.vpcZoneIdentifier.split(',')[group.availabilityZones.indexOf(availabilityZone)]?.trim() || undefined;
