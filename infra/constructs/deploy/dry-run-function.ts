import { Duration, type aws_logs as logs, type Stack } from 'aws-cdk-lib';
import { ENV } from '../../../functions/deploy/contract/environment.ts';
import { DRY_RUN_ROLE } from '../../../functions/deploy/dry-run/contract.ts';
import { INSTANCE_ENV } from '../../../functions/instance/environment.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import { functionName } from '../../../functions/shared/naming.ts';
import { clusterMembers } from '../../config/cluster-rules.ts';
import { sessionGateOf } from '../../config/own-session-gate.ts';
import { HoldfastFunction } from '../holdfast-function.ts';
import { ownRecords } from '../records-table.ts';
import { drainEnvironment } from '../web-tier/drain-front.ts';
import { allowCommands } from '../web-tier/members.ts';
import { type DeployFunctionsProps, settingsEnvironment } from './deploy-functions.ts';

/** Describes what a deploy would do and refuses nothing itself: it reads, takes no lock and changes nothing. Operators may invoke it. */
export function dryRunFunction(
  stack: Stack,
  { config, fleetName, fleet, releases, webTier }: DeployFunctionsProps,
  storeCheck: HoldfastFunction,
): void {
  const { members } = webTier;
  const { documents } = releases;
  const front = webTier.drain?.(stack);
  const sessionGate = sessionGateOf(fleet);
  const asksServers = front !== undefined || clusterMembers(fleet).length > 0;
  const fn = new HoldfastFunction(stack, 'DryRun', {
    functionName: functionName(config.installation, fleetName, DRY_RUN_ROLE),
    description: `Deploys of ${fleetName}: what one would do and what would refuse it, changing nothing`,
    entry: 'functions/deploy/dry-run/handler.ts',
    environment: {
      [RECORDS_ENV.fleet]: fleetName,
      [RECORDS_ENV.recordsTable]: releases.records.tableName,
      ...settingsEnvironment(fleet, webTier),
      ...members.environment,
      ...(members.prepareDocument && { [INSTANCE_ENV.prepareDocument]: members.prepareDocument }),
      ...(front && drainEnvironment(front)),
      ...(asksServers && { [INSTANCE_ENV.observeDocument]: documents.observe }),
      ...(sessionGate !== undefined && { [ENV.sessionGate]: sessionGate }),
      [ENV.targetGroupArn]: webTier.targetGroupArn,
      [ENV.storeCheckFunction]: `${storeCheck.function.functionName}:${storeCheck.alias.aliasName}`,
    },
    logRetentionDays: config.logRetentionDays as logs.RetentionDays,
    timeout: Duration.seconds(60),
  });
  fn.allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], [releases.records.tableArn], ownRecords(fleetName));
  // Describe calls of these services know no narrower resource.
  fn.allow(
    [
      'elasticloadbalancing:DescribeTargetHealth',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetGroupAttributes',
      ...(front ? ['elasticloadbalancing:DescribeListeners', 'elasticloadbalancing:DescribeRules'] : []),
      ...(members.autoScalingGroupName ? ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeLifecycleHooks'] : []),
      'ssm:DescribeInstanceInformation',
      'cloudwatch:DescribeAlarms',
      'lambda:GetAccountSettings',
      ...(asksServers ? ['ssm:GetCommandInvocation'] : []),
    ],
    ['*'],
  );
  // A dry run can run this document alone, which only reads: it counts the sessions that the deploy would wait for, or those without a copy.
  if (asksServers) allowCommands(fn, { ...members, prepareDocument: undefined }, [documents.observe]);
  fn.allow(['lambda:InvokeFunction'], [storeCheck.alias.functionArn]);
}
