/** The state as the API's output shapes have it. */
import type { Activity, Group, GroupTag, Hook, LaunchTemplateSpecification, Member } from './group-state.ts';

export function describeGroup(group: Group): object {
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    ...launchTemplateOf(group.launchTemplate),
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desired,
    DefaultCooldown: group.defaultCooldownSeconds,
    AvailabilityZones: group.availabilityZones,
    LoadBalancerNames: [],
    TargetGroupARNs: [...group.targetGroupArns],
    HealthCheckType: group.healthCheckType,
    HealthCheckGracePeriod: group.healthCheckGracePeriodSeconds,
    Instances: [...group.members.values()].map(describeMember),
    CreatedTime: new Date(group.createdAtMs),
    SuspendedProcesses: [...group.suspended].map(([ProcessName, SuspensionReason]) => ({ ProcessName, SuspensionReason })),
    VPCZoneIdentifier: group.vpcZoneIdentifier,
    EnabledMetrics: [...group.collectedMetrics].map((Metric) => ({ Metric, Granularity: '1Minute' })),
    InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: group.retainsAbandoned ? 'retain' : 'terminate' } },
    ...(group.deleting && { Status: 'Delete in progress' }),
    Tags: group.tags.map((tag) => describeTag(group, tag)),
    TerminationPolicies: group.terminationPolicies,
    NewInstancesProtectedFromScaleIn: group.newInstancesProtected,
    ServiceLinkedRoleARN: group.serviceLinkedRoleArn,
    TrafficSources: [...group.targetGroupArns].map((arn) => ({ Identifier: arn, Type: 'elbv2' })),
  };
}

function describeMember(member: Member): object {
  return {
    InstanceId: member.instanceId,
    InstanceType: member.instanceType,
    AvailabilityZone: member.availabilityZone,
    LifecycleState: member.state,
    HealthStatus: member.health,
    ...launchTemplateOf(member.launchTemplate),
    ProtectedFromScaleIn: member.protectedFromScaleIn,
  };
}

/** DescribeAutoScalingInstances has the health status in capitals, DescribeAutoScalingGroups has not. */
export function describeGroupMember(group: Group, member: Member): object {
  return { ...describeMember(member), HealthStatus: member.health.toUpperCase(), AutoScalingGroupName: group.name };
}

export function describeTag(group: Group, tag: GroupTag): object {
  return {
    ResourceId: group.name,
    ResourceType: 'auto-scaling-group',
    Key: tag.key,
    Value: tag.value,
    PropagateAtLaunch: tag.propagateAtLaunch,
  };
}

export function describeHook(group: Group, hook: Hook): object {
  return {
    LifecycleHookName: hook.name,
    AutoScalingGroupName: group.name,
    LifecycleTransition: hook.transition,
    ...(hook.notificationTargetArn !== undefined && { NotificationTargetARN: hook.notificationTargetArn }),
    ...(hook.roleArn !== undefined && { RoleARN: hook.roleArn }),
    ...(hook.notificationMetadata !== undefined && { NotificationMetadata: hook.notificationMetadata }),
    HeartbeatTimeout: hook.heartbeatTimeoutSeconds,
    GlobalTimeout: Math.min(hook.heartbeatTimeoutSeconds * 100, 172_800),
    DefaultResult: hook.defaultResult,
  };
}

const PROGRESS = { PreInService: 30, InProgress: 50, WaitingForELBConnectionDraining: 60, MidLifecycleAction: 60 } as const;

export function describeActivity(activity: Activity, groupExists: boolean): object {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: activity.groupName,
    AutoScalingGroupARN: activity.groupArn,
    ...(!groupExists && { AutoScalingGroupState: 'Deleted' }),
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startedAtMs),
    ...(activity.endedAtMs !== undefined && { EndTime: new Date(activity.endedAtMs) }),
    StatusCode: activity.status,
    ...(activity.statusMessage !== undefined && { StatusMessage: activity.statusMessage }),
    Progress: activity.status in PROGRESS ? PROGRESS[activity.status as keyof typeof PROGRESS] : 100,
    Details: JSON.stringify(activity.details),
  };
}

function launchTemplateOf(template: LaunchTemplateSpecification | undefined): object {
  if (template === undefined) return {};
  return {
    LaunchTemplate: {
      ...(template.id !== undefined && { LaunchTemplateId: template.id }),
      ...(template.name !== undefined && { LaunchTemplateName: template.name }),
      Version: template.version,
    },
  };
}
