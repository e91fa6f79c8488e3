/**
 * Members that leave for Standby and return. On the way out they are deregistered and drained (EnteringStandby); on the way back they
 * are Pending without any hook, and are registered as they come into service.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
 * @see https://github.com/aws-samples/aws-codedeploy-samples/issues/30 for AWS's word that hooks are of newly launched instances only
 */
import type { EngineContext } from '#local-aws/auto-scaling/engine-context.ts';
import type { Group, Member } from '#local-aws/auto-scaling/group-state.ts';
import { carryOut, deregisterTarget } from '#local-aws/auto-scaling/member-steps.ts';
import { AwsError } from '#local-aws/service/service.ts';

/** @throws AwsError ValidationError of a member that is not in service, and below the least size */
export function enterStandby(context: EngineContext, group: Group, member: Member, decrement: boolean): void {
  if (member.state !== 'InService') {
    throw new AwsError('ValidationError', `The instance ${member.instanceId} is not in InService.`);
  }
  if (decrement) {
    if (group.desired <= group.minSize) {
      throw new AwsError('ValidationError', `AutoScalingGroup ${group.name} has min-size=${group.minSize} and desired=${group.desired}.`);
    }
    group.desired -= 1;
  }
  member.state = 'EnteringStandby';
  for (const arn of group.targetGroupArns) {
    if (context.targetGroups.health(arn, member.instanceId) !== undefined) void deregisterTarget(context, member, arn);
  }
  member.registeredWith.clear();
}

/** Those whose drain is over are on standby. */
export function settleStandby(context: EngineContext, group: Group): void {
  for (const member of group.members.values()) {
    if (member.state !== 'EnteringStandby') continue;
    const isDraining = [...group.targetGroupArns].some((arn) => context.targetGroups.health(arn, member.instanceId) === 'draining');
    if (!isDraining) member.state = 'Standby';
  }
}

/**
 * The desired capacity grows by one, and after `pendingMs` the member is in service.
 * @throws AwsError ValidationError of a member that is not on standby, and above the largest size
 */
export function exitStandby(context: EngineContext, group: Group, member: Member, pendingMs: number): void {
  if (member.state !== 'Standby') throw new AwsError('ValidationError', `The instance ${member.instanceId} is not in Standby.`);
  if (group.desired >= group.maxSize) {
    throw new AwsError('ValidationError', `AutoScalingGroup ${group.name} has max-size=${group.maxSize} and desired=${group.desired}.`);
  }
  group.desired += 1;
  member.state = 'Pending';
  // The engine would let it wait for the launch hooks.
  member.busy = true;
  context.startTimer(pendingMs, () => {
    member.busy = false;
    if (member.state === 'Pending') void carryOut(context, group, member, { kind: 'enterService' });
  });
}
