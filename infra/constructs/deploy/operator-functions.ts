import { Duration, type Stack } from 'aws-cdk-lib';
import { CONTINUE_ROLE } from '../../../functions/deploy/continue/contract.ts';
import { ENV } from '../../../functions/deploy/contract/environment.ts';
import { DRY_RUN_ROLE } from '../../../functions/deploy/dry-run/contract.ts';
import { END_DRAIN_ROLE } from '../../../functions/deploy/end-drain/contract.ts';
import { INSTANCE_ENV } from '../../../functions/instance/environment.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import { PUBLISH_ENV } from '../../../functions/releases/publish/environment.ts';
import { PUBLISH_LIMIT_SECONDS } from '../../../functions/releases/publish/publish.ts';
import { functionName, incomingPrefix, PUBLISH_ROLE, releasesBucketName } from '../../../functions/shared/naming.ts';
import { isBundleFleet } from '../../config/app-kind.ts';
import { sessionGateOf } from '../../config/own-session-gate.ts';
import { accountOf, acknowledge, wildcard } from '../acknowledge.ts';
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
  const { environmentParameter } = webTier;
  const asksServers = front !== undefined || environmentParameter !== undefined;
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
      ...(environmentParameter !== undefined && { [ENV.environmentParameter]: environmentParameter }),
      ...(sessionGate !== undefined && { [ENV.sessionGate]: sessionGate }),
      [ENV.targetGroupArn]: webTier.targetGroupArn,
      [ENV.storeCheckFunction]: `${storeCheck.function.functionName}:${storeCheck.alias.aliasName}`,
    },
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
  // A dry run can run this document alone, which only reads: sessions that the deploy would wait for, those without a copy, variables.
  if (asksServers) allowCommands(fn, { ...members, prepareDocument: undefined }, [documents.observe]);
  fn.allow(['lambda:InvokeFunction'], [storeCheck.alias.functionArn]);
}

/**
 * The one function that writes archives and releases of a fleet; publishers may invoke it. It deletes no version of an
 * object, and replaces no record.
 */
export function publishFunction(stack: Stack, { config: { installation }, fleetName, fleet, releases }: DeployFunctionsProps): void {
  const variables = Object.keys(fleet.environment ?? {}).join();
  const { records } = releases;
  const bucketName = releasesBucketName(installation, stack.account, stack.region);
  const objects = (prefix: string) => [`arn:${stack.partition}:s3:::${bucketName}/${prefix}`];
  const fn = new HoldfastFunction(stack, 'Publish', {
    functionName: functionName(installation, fleetName, PUBLISH_ROLE),
    description: `Publishes releases of ${fleetName} that its publishers uploaded`,
    entry: 'functions/releases/publish/handler.ts',
    environment: {
      [RECORDS_ENV.fleet]: fleetName,
      [RECORDS_ENV.recordsTable]: records.tableName,
      [PUBLISH_ENV.releasesBucket]: bucketName,
      ...(variables !== '' && { [PUBLISH_ENV.variables]: variables }),
      ...(isBundleFleet(fleet) && { [PUBLISH_ENV.bundles]: 'true' }),
    },
    timeout: Duration.seconds(PUBLISH_LIMIT_SECONDS),
  });
  const incoming = `${incomingPrefix(fleetName)}*`;
  const archives = `${fleetName}/*`;
  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [records.tableArn], ownRecords(fleetName));
  fn.allow(['s3:GetObject', 's3:GetObjectVersion', 's3:DeleteObject'], objects(incoming));
  // It reads the checksum of what lies at the key already.
  fn.allow(['s3:GetObject', 's3:PutObject'], objects(archives));
  const name = releasesBucketName(installation, accountOf(stack), stack.region);
  acknowledge(fn, {
    [wildcard(stack, 's3', `${name}/${incoming}`)]:
      "It publishes any release of the fleet: the wildcard is the prefix of the fleet's uploads.",
    [wildcard(stack, 's3', `${name}/${archives}`)]:
      "It publishes any release of the fleet: the wildcard is the prefix of the fleet's archives.",
  });
}

/** Records who ended the wait for a server's sessions or requests; operators may invoke it. */
export const endDrainFunction = (stack: Stack, props: DeployFunctionsProps): void =>
  operatorFunction(stack, props, {
    id: 'EndDrain',
    role: END_DRAIN_ROLE,
    description: `Ends the wait of a deploy of ${props.fleetName} for the sessions or requests of a server`,
    entry: 'functions/deploy/end-drain/handler.ts',
  });

/** Records who lets a deploy go on that waits after its first targets; operators may invoke it. */
export const continueFunction = (stack: Stack, props: DeployFunctionsProps): void =>
  operatorFunction(stack, props, {
    id: 'Continue',
    role: CONTINUE_ROLE,
    description: `Continues a deploy of ${props.fleetName} that waits after its first servers`,
    entry: 'functions/deploy/continue/handler.ts',
  });

function operatorFunction(
  stack: Stack,
  { config: { installation }, fleetName, releases }: DeployFunctionsProps,
  { id, role, ...what }: { readonly id: string; readonly role: string; readonly description: string; readonly entry: string },
): void {
  const fn = new HoldfastFunction(stack, id, {
    functionName: functionName(installation, fleetName, role),
    ...what,
    environment: {
      [RECORDS_ENV.fleet]: fleetName,
      [RECORDS_ENV.recordsTable]: releases.records.tableName,
    },
    timeout: Duration.seconds(30),
  });
  fn.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], [releases.records.tableArn], ownRecords(fleetName));
}
