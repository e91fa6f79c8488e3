/** Lifecycle hooks and the actions that wait for them. */
import { z } from 'zod';
import { list, requiredText, whole } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { describeHook } from './describe-shapes.ts';
import type { EngineContext } from './engine-context.ts';
import { type Group, LAUNCHING, type LifecycleAction, TERMINATING } from './group-state.ts';
import { parseInput } from './input.ts';
import { resultOf } from './plan-lifecycle.ts';

/** A hook as PutLifecycleHook and LifecycleHookSpecificationList have it. */
export const hookInput = z.object({
  LifecycleHookName: requiredText,
  LifecycleTransition: z.enum([LAUNCHING, TERMINATING]).optional(),
  HeartbeatTimeout: whole(30, 7200).optional(),
  DefaultResult: z.enum(['CONTINUE', 'ABANDON']).optional(),
  NotificationMetadata: z.string().optional(),
  NotificationTargetARN: z.string().optional(),
  RoleARN: z.string().optional(),
});

/** Makes the hook, or changes what is given of an existing one. @throws AwsError ValidationError */
export function putHook(group: Group, input: z.output<typeof hookInput>): void {
  const existing = group.hooks.get(input.LifecycleHookName);
  const transition = input.LifecycleTransition ?? existing?.transition;
  if (transition === undefined)
    throw new AwsError('ValidationError', 'Lifecycle hook transition is required when creating a lifecycle hook.');
  group.hooks.set(input.LifecycleHookName, {
    name: input.LifecycleHookName,
    transition,
    heartbeatTimeoutSeconds: input.HeartbeatTimeout ?? existing?.heartbeatTimeoutSeconds ?? 3600,
    defaultResult: input.DefaultResult ?? existing?.defaultResult ?? 'ABANDON',
    notificationMetadata: input.NotificationMetadata ?? existing?.notificationMetadata,
    notificationTargetArn: input.NotificationTargetARN ?? existing?.notificationTargetArn,
    roleArn: input.RoleARN ?? existing?.roleArn,
  });
}

/**
 * Removes the hook. What waits for it is completed first: ABANDON for launching instances, CONTINUE for terminating ones.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteLifecycleHook.html
 */
export function deleteHook(group: Group, name: string): void {
  group.hooks.delete(name);
  for (const member of group.members.values()) {
    for (const action of member.actions) {
      if (action.hook.name === name) action.result ??= action.hook.transition === LAUNCHING ? 'ABANDON' : 'CONTINUE';
    }
  }
}

const actionInput = z.object({
  AutoScalingGroupName: requiredText,
  LifecycleHookName: requiredText,
  LifecycleActionToken: requiredText.optional(),
  InstanceId: requiredText.optional(),
});
const completionInput = actionInput.extend({ LifecycleActionResult: z.enum(['CONTINUE', 'ABANDON']) });

export function hookOperations(context: EngineContext): Record<string, Operation> {
  const { registry } = context;

  /** @throws AwsError ValidationError when nothing waits any more */
  const findAction = (request: z.output<typeof actionInput>): LifecycleAction => {
    const group = registry.need(request.AutoScalingGroupName);
    if (!group.hooks.has(request.LifecycleHookName)) {
      throw new AwsError('ValidationError', `No Lifecycle Hook found with name ${request.LifecycleHookName}`);
    }
    const { LifecycleActionToken: token, InstanceId: instanceId } = request;
    if (token === undefined && instanceId === undefined) {
      throw new AwsError('ValidationError', 'Either the instance ID or the lifecycle action token is required.');
    }
    const nowMs = context.now();
    for (const member of group.members.values()) {
      if (instanceId !== undefined && member.instanceId !== instanceId) continue;
      const action = member.actions.find(
        (waiting) =>
          waiting.hook.name === request.LifecycleHookName &&
          (token === undefined || waiting.token === token) &&
          resultOf(waiting, nowMs) === undefined,
      );
      if (action !== undefined) return action;
    }
    throw new AwsError(
      'ValidationError',
      `No active Lifecycle Action found with ${token === undefined ? `instance ID ${instanceId}` : `token ${token}`}`,
    );
  };

  return {
    PutLifecycleHook(input) {
      const request = parseInput(hookInput.extend({ AutoScalingGroupName: requiredText }), input);
      putHook(registry.need(request.AutoScalingGroupName), request);
      return {};
    },
    DeleteLifecycleHook(input) {
      const request = parseInput(z.object({ AutoScalingGroupName: requiredText, LifecycleHookName: requiredText }), input);
      const group = registry.need(request.AutoScalingGroupName);
      if (!group.hooks.has(request.LifecycleHookName)) {
        throw new AwsError('ValidationError', `No Lifecycle Hook found with name ${request.LifecycleHookName}`);
      }
      deleteHook(group, request.LifecycleHookName);
      return {};
    },
    DescribeLifecycleHooks(input) {
      const request = parseInput(
        z.object({ AutoScalingGroupName: requiredText, LifecycleHookNames: list(requiredText).optional() }),
        input,
      );
      const group = registry.need(request.AutoScalingGroupName);
      const names = request.LifecycleHookNames ?? [];
      const hooks = [...group.hooks.values()].filter((hook) => names.length === 0 || names.includes(hook.name));
      return { LifecycleHooks: hooks.map((hook) => describeHook(group, hook)) };
    },
    CompleteLifecycleAction(input) {
      const request = parseInput(completionInput, input);
      findAction(request).result = request.LifecycleActionResult;
      return {};
    },
    RecordLifecycleActionHeartbeat(input) {
      const action = findAction(parseInput(actionInput, input));
      action.deadlineMs = Math.min(context.now() + action.hook.heartbeatTimeoutSeconds * 1000, action.globalDeadlineMs);
      return {};
    },
  };
}
