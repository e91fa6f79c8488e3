import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SETTINGS_ENV } from '../../../functions/deploy/settings/settings.ts';
import { INSTANCE_ENV } from '../../../functions/instance/environment.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import { DRAIN_ENV, TARGET_GROUP_ENV } from '../../../functions/shared/aws/drain-rule-contract.ts';
import { functionName, releasesBucketName } from '../../../functions/shared/naming.ts';
import type { NamedFleet } from '../../config.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import { acknowledge, GROUP_IDS, wildcard } from '../acknowledge.ts';
import { HoldfastFunction } from '../holdfast-function.ts';
import { ownRecords } from '../records-table.ts';
import { allowCommands, allowDocuments, documentEnvironment, documentsOf, type Members } from './members.ts';

export interface LifecycleProps extends NamedFleet {
  readonly releases: ReleasesStack;
  readonly members: Members;
  readonly autoScalingGroupName: string;
  readonly targetGroupArn: string;
  /** Where deploys keep a server's sessions on it; undefined for a fleet whose deploys do not. */
  readonly drainTargetGroupArn: string | undefined;
}

/** The function behind both of a fleet's lifecycle machines, with what it may do. */
export function lifecycleFunction(
  scope: Construct,
  { config, fleetName, fleet, releases, members, autoScalingGroupName: group, targetGroupArn, drainTargetGroupArn }: LifecycleProps,
): HoldfastFunction {
  const stack = Stack.of(scope);
  const { accessLog: _, ...documents } = documentsOf(releases.documents, members);
  const fn = new HoldfastFunction(scope, 'Handler', {
    functionName: functionName(config.installation, fleetName, 'lifecycle'),
    description: `Installs on launching instances of ${fleetName}, waits for terminating ones`,
    entry: 'functions/lifecycle/handler.ts',
    environment: {
      [RECORDS_ENV.fleet]: fleetName,
      [RECORDS_ENV.recordsTable]: releases.records.tableName,
      [TARGET_GROUP_ENV.targetGroupArn]: targetGroupArn,
      ...(drainTargetGroupArn !== undefined && { [DRAIN_ENV.drainTargetGroupArn]: drainTargetGroupArn }),
      [SETTINGS_ENV.deploySettings]: JSON.stringify(fleet.deploy),
      ...documentEnvironment(documents, members),
      [INSTANCE_ENV.releasesBucket]: releasesBucketName(config.installation, stack.account, stack.region),
    },
    timeout: Duration.seconds(60),
  });
  fn.allow(
    ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
    [releases.records.tableArn],
    ownRecords(fleetName),
  );
  // These know no narrower resource.
  fn.allow(
    [
      'ssm:GetCommandInvocation',
      'ssm:CancelCommand',
      'ssm:DescribeInstanceInformation',
      'elasticloadbalancing:DescribeTargetHealth',
      'elasticloadbalancing:DescribeTargetGroups',
    ],
    ['*'],
  );
  fn.allow(['elasticloadbalancing:DeregisterTargets'], [targetGroupArn]);
  allowCommands(fn, members, Object.values(documents));
  allowDocuments(fn, members, Object.values(documents));
  fn.allow(
    ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'],
    [stack.formatArn({ service: 'autoscaling', resource: `autoScalingGroup:*:autoScalingGroupName/${group}` })],
  );
  acknowledge(fn, { [wildcard(stack, 'autoscaling', `autoScalingGroup:*:autoScalingGroupName/${group}`)]: GROUP_IDS });
  return fn;
}
