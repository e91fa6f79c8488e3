/**
 * The EventBridge events of Auto Scaling, as the service itself sends them.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 */
import type { EventBus } from '../interfaces.ts';
import type { Activity, Group, LifecycleAction, Member } from './group-state.ts';
import { LAUNCHING } from './group-state.ts';

export type ScalingEvent = Parameters<EventBus['put']>[0];

const SOURCE = 'aws.autoscaling';

/** Sent when an instance enters Pending:Wait or Terminating:Wait, once for each hook. */
export function lifecycleActionEvent(group: Group, member: Member, action: LifecycleAction): ScalingEvent {
  const launching = action.hook.transition === LAUNCHING;
  return {
    source: SOURCE,
    detailType: launching ? 'EC2 Instance-launch Lifecycle Action' : 'EC2 Instance-terminate Lifecycle Action',
    resources: [group.arn],
    detail: {
      LifecycleActionToken: action.token,
      AutoScalingGroupName: group.name,
      LifecycleHookName: action.hook.name,
      EC2InstanceId: member.instanceId,
      LifecycleTransition: action.hook.transition,
      ...(action.hook.notificationMetadata !== undefined && { NotificationMetadata: action.hook.notificationMetadata }),
      ...path(launching),
    },
  };
}

/** Sent at the end of a launch or termination. `instanceId` is missing when a launch never got that far. */
export function scalingResultEvent(
  { region, accountId }: { readonly region: string; readonly accountId: string },
  group: Group,
  activity: Activity,
  { kind, instanceId }: { readonly kind: 'Launch' | 'Terminate'; readonly instanceId?: string | undefined },
): ScalingEvent {
  const failed = activity.status === 'Failed' || activity.status === 'Cancelled';
  return {
    source: SOURCE,
    detailType: `EC2 Instance ${kind} ${failed ? 'Unsuccessful' : 'Successful'}`,
    resources: [group.arn, ...(instanceId === undefined ? [] : [`arn:aws:ec2:${region}:${accountId}:instance/${instanceId}`])],
    detail: {
      StatusCode: failed ? activity.status : 'InProgress',
      AutoScalingGroupName: group.name,
      ActivityId: activity.id,
      Details: activity.details,
      RequestId: activity.id,
      EndTime: new Date(activity.endedAtMs ?? activity.startedAtMs).toISOString(),
      EC2InstanceId: instanceId ?? '',
      StartTime: new Date(activity.startedAtMs).toISOString(),
      Cause: activity.cause,
      Description: activity.description,
      StatusMessage: activity.statusMessage ?? '',
      ...path(kind === 'Launch'),
    },
  };
}

function path(launching: boolean): { Origin: string; Destination: string } {
  return launching ? { Origin: 'EC2', Destination: 'AutoScalingGroup' } : { Origin: 'AutoScalingGroup', Destination: 'EC2' };
}
