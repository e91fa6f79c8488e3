/** Carries out one step of one instance, as plan-lifecycle decided it. */
import { attempt, type EngineContext, send } from './engine-context.ts';
import type { Group, Hook, LifecycleAction, Member } from './group-state.ts';
import { noteFailedLaunch } from './launch-backoff.ts';
import type { MemberStep } from './plan-lifecycle.ts';
import { lifecycleActionEvent, scalingResultEvent } from './scaling-events.ts';

/** Longest that a hook can be kept waiting by heartbeats: 48 hours or 100 times its time-out, whichever is shorter. */
const GLOBAL_TIMEOUT_SECONDS = 172_800;
const GLOBAL_TIMEOUT_BEATS = 100;

const REGISTER_TIMEOUT_MS = 30_000;

export async function carryOut(context: EngineContext, group: Group, member: Member, step: MemberStep): Promise<void> {
  switch (step.kind) {
    case 'waitForHooks':
      return waitForHooks(context, group, member, step.state, step.hooks);
    case 'proceed':
      member.actions = [];
      member.state = step.state;
      if (member.activity !== undefined) member.activity.status = 'InProgress';
      return;
    case 'abandonLaunch':
      noteFailedLaunch(group, context.now(), context.settings);
      if (member.activity !== undefined) {
        context.registry.end(member.activity, 'Cancelled', `Lifecycle action ${step.hookName} was abandoned.`);
        await send(context, scalingResultEvent(context, group, member.activity, { kind: 'Launch', instanceId: member.instanceId }));
      }
      return beginTermination(context, group, member, 'an instance was taken out of service because its launch was abandoned');
    case 'enterService':
      return enterService(context, group, member);
    case 'deregister':
      return deregister(context, group, member);
    case 'retain':
      return retain(context, member);
    case 'endMachine':
      return endMachine(context, group, member);
  }
}

/** Takes an instance out of the group; the loop then deregisters, drains, waits for hooks and ends it. */
export function beginTermination(context: EngineContext, group: Group, member: Member, cause: string): void {
  member.state = 'Terminating';
  member.actions = [];
  member.drainDeadlineMs = undefined;
  member.activity = context.registry.begin(group, {
    description: `Terminating EC2 instance: ${member.instanceId}`,
    cause: `At ${new Date(context.now()).toISOString()} ${cause}.`,
    status: 'InProgress',
    details: { 'Availability Zone': member.availabilityZone },
  });
}

async function waitForHooks(
  context: EngineContext,
  group: Group,
  member: Member,
  state: 'Pending:Wait' | 'Terminating:Wait',
  hooks: readonly Hook[],
): Promise<void> {
  const nowMs = context.now();
  member.state = state;
  member.actions = hooks.map((hook): LifecycleAction => {
    const globalSeconds = Math.min(hook.heartbeatTimeoutSeconds * GLOBAL_TIMEOUT_BEATS, GLOBAL_TIMEOUT_SECONDS);
    return {
      hook,
      token: context.newId(),
      deadlineMs: nowMs + hook.heartbeatTimeoutSeconds * 1000,
      globalDeadlineMs: nowMs + globalSeconds * 1000,
    };
  });
  if (member.activity !== undefined) member.activity.status = 'MidLifecycleAction';
  for (const action of member.actions) await send(context, lifecycleActionEvent(group, member, action));
}

async function enterService(context: EngineContext, group: Group, member: Member): Promise<void> {
  // Without AddToLoadBalancer the instance is not added, and not later either: it is then registered by hand.
  if (!group.suspended.has('AddToLoadBalancer')) {
    for (const arn of group.targetGroupArns) await registerTarget(context, member, arn);
  }
  if (member.state !== 'Pending' && member.state !== 'Pending:Proceed') return;
  member.state = 'InService';
  member.inServiceAtMs = context.now();
  const activity = member.activity;
  const launched = activity?.description.startsWith('Launching');
  finishActivity(context, member);
  if (activity !== undefined && launched) {
    await send(context, scalingResultEvent(context, group, activity, { kind: 'Launch', instanceId: member.instanceId }));
  }
}

export async function registerTarget(context: EngineContext, member: Member, targetGroupArn: string): Promise<void> {
  const { instanceId } = member;
  member.registeredWith.add(targetGroupArn);
  const register = () => context.targetGroups.register(targetGroupArn, instanceId);
  const isRegistered = await attempt(context, REGISTER_TIMEOUT_MS, `registering ${instanceId}`, register);
  if (!isRegistered) member.registeredWith.delete(targetGroupArn);
}

export async function deregisterTarget(context: EngineContext, { instanceId }: Member, targetGroupArn: string): Promise<void> {
  const deregister = () => context.targetGroups.deregister(targetGroupArn, instanceId);
  await attempt(context, REGISTER_TIMEOUT_MS, `deregistering ${instanceId}`, deregister);
}

async function deregister(context: EngineContext, group: Group, member: Member): Promise<void> {
  // What was registered by hand is deregistered as well.
  for (const arn of group.targetGroupArns) {
    if (context.targetGroups.health(arn, member.instanceId) !== undefined) member.registeredWith.add(arn);
  }
  if (member.activity !== undefined && member.registeredWith.size > 0) member.activity.status = 'WaitingForELBConnectionDraining';
  for (const arn of member.registeredWith) await deregisterTarget(context, member, arn);
  member.drainDeadlineMs = context.now() + context.settings.drainTimeoutMs;
}

/** It stays, and counts towards no capacity, until TerminateInstanceInAutoScalingGroup. */
function retain(context: EngineContext, member: Member): void {
  member.state = 'Terminating:Retained';
  member.actions = [];
  if (member.activity !== undefined) {
    context.registry.end(
      member.activity,
      'Cancelled',
      `Instance ${member.instanceId} was retained, since a lifecycle action was abandoned.`,
    );
  }
  member.activity = undefined;
}

/** A retained instance ends: its hooks are over. */
export function endRetained(context: EngineContext, group: Group, member: Member, cause: string): void {
  beginTermination(context, group, member, cause);
  member.state = 'Terminating:Proceed';
}

async function endMachine(context: EngineContext, group: Group, member: Member): Promise<void> {
  const end = () => context.machines.terminate(member.instanceId);
  await attempt(context, context.settings.terminateTimeoutMs, `ending ${member.instanceId}`, end);
  group.members.delete(member.instanceId);
  const activity = member.activity;
  finishActivity(context, member);
  if (activity !== undefined) {
    await send(context, scalingResultEvent(context, group, activity, { kind: 'Terminate', instanceId: member.instanceId }));
  }
}

function finishActivity(context: EngineContext, member: Member): void {
  if (member.activity !== undefined) context.registry.end(member.activity, 'Successful');
  member.activity = undefined;
}
