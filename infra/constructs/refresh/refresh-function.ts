import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENV } from '../../../functions/deploy/contract/environment.ts';
import { SETTINGS_ENV } from '../../../functions/deploy/settings/settings.ts';
import { INSTANCE_ENV } from '../../../functions/instance/environment.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import { REFRESH_ENV } from '../../../functions/refresh/contract.ts';
import { functionName, refreshStateMachineName, releasesBucketName } from '../../../functions/shared/naming.ts';
import type { FleetConfig, HoldfastConfig } from '../../config.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import { acknowledge, EXECUTION_NAMES, GROUP_IDS, wildcard } from '../acknowledge.ts';
import { HoldfastFunction } from '../holdfast-function.ts';
import { ownRecords } from '../records-table.ts';
import { allowCommands, allowDocuments, documentEnvironment, type Members } from '../web-tier/members.ts';

export interface RefreshFunctionProps {
  readonly config: HoldfastConfig;
  readonly fleetName: string;
  readonly fleet: FleetConfig;
  readonly releases: ReleasesStack;
  readonly members: Members;
  readonly autoScalingGroupName: string;
  readonly targetGroupArn: string;
  /** The ARN is made of the machine's name: the machine refers to the function, so the function cannot refer to it. */
  readonly stateMachineArn: string;
}

/** The function of a refresh: it takes one server out, waits until it is idle, and has Auto Scaling replace it. */
export function refreshFunction(scope: Construct, props: RefreshFunctionProps): HoldfastFunction {
  const { config, fleetName, fleet, releases, members, autoScalingGroupName: group, targetGroupArn, stateMachineArn } = props;
  const { installation } = config;
  const stack = Stack.of(scope);
  const { accessLog: _, ...documents } = releases.documents;
  const fn = new HoldfastFunction(scope, 'Handler', {
    functionName: functionName(installation, fleetName, 'refresh'),
    description: `Replaces the servers of ${fleetName} that were launched from an outdated template`,
    entry: 'functions/refresh/handler.ts',
    environment: {
      [RECORDS_ENV.fleet]: fleetName,
      [RECORDS_ENV.recordsTable]: releases.records.tableName,
      [SETTINGS_ENV.deploySettings]: JSON.stringify(fleet.deploy),
      ...documentEnvironment(releases.documents),
      [INSTANCE_ENV.releasesBucket]: releasesBucketName(installation, stack.account, stack.region),
      [ENV.targetGroupArn]: targetGroupArn,
      [ENV.autoScalingGroupName]: group,
      [REFRESH_ENV.stateMachineArn]: stateMachineArn,
    },
    timeout: Duration.seconds(60),
  });

  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [releases.records.tableArn], ownRecords(fleetName));
  fn.allow(
    [
      'autoscaling:DescribeAutoScalingGroups',
      'ec2:DescribeInstances',
      'ec2:DescribeLaunchTemplateVersions',
      'elasticloadbalancing:DescribeTargetHealth',
      'elasticloadbalancing:DescribeTargetGroups',
      'ssm:GetCommandInvocation',
      'ssm:CancelCommand',
    ],
    ['*'],
  );
  // Images that a launch resolves: Amazon's public parameters, whose ARN has no account. Another parameter is not compared.
  fn.allow(['ssm:GetParameter'], [`arn:${stack.partition}:ssm:${stack.region}:*:parameter/aws/service/ami-*`]);
  fn.allow(['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'], [targetGroupArn]);
  const resource = `autoScalingGroup:*:autoScalingGroupName/${group}`;
  fn.allow(['autoscaling:TerminateInstanceInAutoScalingGroup'], [stack.formatArn({ service: 'autoscaling', resource })]);
  allowCommands(fn, { ...members, prepareDocument: undefined }, [documents.waitIdle]);
  allowDocuments(fn, { ...members, prepareDocument: undefined }, Object.values(documents));
  fn.allow(['states:DescribeExecution'], [`${stateMachineArn.replace(':stateMachine:', ':execution:')}:*`]);
  acknowledge(fn, {
    [wildcard(stack, 'autoscaling', resource)]: GROUP_IDS,
    [wildcard(stack, 'states', `execution:${refreshStateMachineName(installation, fleetName)}:*`)]: EXECUTION_NAMES,
    [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:${stack.region}:*:parameter/aws/service/ami-*]`]:
      "Public parameters with the images of AWS: the wildcard is their names, and they hold nothing of the account's.",
  });
  return fn;
}
