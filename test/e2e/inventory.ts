/** Everything that the kept cloud has, by its Describe and List calls, its processes and its folders. */
import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeLaunchTemplatesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeCacheParameterGroupsCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReplicationGroupsCommand,
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
} from '@aws-sdk/client-elasticache';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, ListInstanceProfilesCommand, ListPoliciesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { findRunProcesses } from '../../lab/processes/end-processes.ts';
import { joinLedger } from '../../lab/processes/process-ledger.ts';
import { callJsonService } from './call-json-service.ts';
import { stackNames } from './cdk.ts';
import { autoScaling, elastiCache, kept, secrets, ssm } from './fleet.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const cloudWatch = new CloudWatchClient(client);
const dynamoDb = new DynamoDBClient(client);
const ec2 = new EC2Client(client);
const elb = new ElasticLoadBalancingV2Client(client);
const eventBridge = new EventBridgeClient(client);
const iam = new IAMClient(client);
const lambda = new LambdaClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });
const sfn = new SFNClient(client);
const sns = new SNSClient(client);
const sqs = new SQSClient(client);

/** Physical names of what there is, by kind; sorted. */
export async function inventory(): Promise<Record<string, readonly string[]>> {
  const [tables, interfaces, groups, subnets, vpcs, templates] = await Promise.all([
    dynamoDb.send(new ListTablesCommand({})),
    ec2.send(new DescribeNetworkInterfacesCommand({})),
    ec2.send(new DescribeSecurityGroupsCommand({})),
    ec2.send(new DescribeSubnetsCommand({})),
    ec2.send(new DescribeVpcsCommand({})),
    ec2.send(new DescribeLaunchTemplatesCommand({})),
  ]);
  const keys = await callJsonService<{ Keys: { KeyId: string }[] }>('kms', 'TrentService.ListKeys', {});
  const enabled = await Promise.all(
    keys.Keys.map(async ({ KeyId }) => {
      const { KeyMetadata } = await callJsonService<{ KeyMetadata: { KeyState: string } }>('kms', 'TrentService.DescribeKey', { KeyId });
      return KeyMetadata.KeyState === 'PendingDeletion' ? [] : [KeyId];
    }),
  );
  const logs = await callJsonService<{ logGroups: { logGroupName: string }[] }>('logs', 'Logs_20140328.DescribeLogGroups', {});
  const found: Record<string, readonly (string | undefined)[]> = {
    stacks: await stackNames(),
    functions: ((await lambda.send(new ListFunctionsCommand({}))).Functions ?? []).map(({ FunctionName }) => FunctionName),
    stateMachines: ((await sfn.send(new ListStateMachinesCommand({}))).stateMachines ?? []).map(({ name }) => name),
    roles: ((await iam.send(new ListRolesCommand({ MaxItems: 1000 }))).Roles ?? []).map(({ RoleName }) => RoleName),
    policies: ((await iam.send(new ListPoliciesCommand({ Scope: 'Local' }))).Policies ?? []).map(({ PolicyName }) => PolicyName),
    instanceProfiles: ((await iam.send(new ListInstanceProfilesCommand({}))).InstanceProfiles ?? []).map((one) => one.InstanceProfileName),
    logGroups: logs.logGroups.map(({ logGroupName }) => logGroupName),
    keys: enabled.flat(),
    buckets: ((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name }) => Name),
    tables: tables.TableNames ?? [],
    secrets: ((await secrets.send(new ListSecretsCommand({ IncludePlannedDeletion: true }))).SecretList ?? []).map(({ Name }) => Name),
    topics: ((await sns.send(new ListTopicsCommand({}))).Topics ?? []).map(({ TopicArn }) => TopicArn),
    queues: (await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? [],
    rules: ((await eventBridge.send(new ListRulesCommand({}))).Rules ?? []).map(({ Name }) => Name),
    alarms: ((await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? []).map(({ AlarmName }) => AlarmName),
    networkInterfaces: (interfaces.NetworkInterfaces ?? []).map(({ NetworkInterfaceId }) => NetworkInterfaceId),
    securityGroups: (groups.SecurityGroups ?? []).map(({ GroupId }) => GroupId),
    subnets: (subnets.Subnets ?? []).map(({ SubnetId }) => SubnetId),
    vpcs: (vpcs.Vpcs ?? []).map(({ VpcId }) => VpcId),
    launchTemplates: (templates.LaunchTemplates ?? []).map(({ LaunchTemplateName }) => LaunchTemplateName),
    loadBalancers: ((await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers ?? []).map((one) => one.LoadBalancerName),
    targetGroups: ((await elb.send(new DescribeTargetGroupsCommand({}))).TargetGroups ?? []).map((one) => one.TargetGroupName),
    autoScalingGroups: ((await autoScaling.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups ?? []).map(
      (one) => one.AutoScalingGroupName,
    ),
    instances: ((await ssm.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList ?? []).map((one) => one.InstanceId),
    cacheGroups: ((await elastiCache.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups ?? []).map(
      (one) => one.ReplicationGroupId,
    ),
    cacheUsers: ((await elastiCache.send(new DescribeUsersCommand({}))).Users ?? []).map(({ UserId }) => UserId),
    cacheUserGroups: ((await elastiCache.send(new DescribeUserGroupsCommand({}))).UserGroups ?? []).map(({ UserGroupId }) => UserGroupId),
    cacheSubnetGroups: ((await elastiCache.send(new DescribeCacheSubnetGroupsCommand({}))).CacheSubnetGroups ?? []).map(
      (one) => one.CacheSubnetGroupName,
    ),
    cacheParameterGroups: ((await elastiCache.send(new DescribeCacheParameterGroupsCommand({}))).CacheParameterGroups ?? []).map(
      (one) => one.CacheParameterGroupName,
    ),
  };
  return Object.fromEntries(Object.entries(found).map(([kind, names]) => [kind, names.map(String).toSorted()]));
}

/** Processes of the run but the environments of functions, which come and go, and this one's own. */
export function runProcesses(): string[] {
  const ledger = joinLedger(kept.runFolder);
  return findRunProcesses({ runId: ledger.runId, recorded: ledger.list() })
    .map(({ command }) => command)
    .filter((command) => /redis|valkey|server\.mjs|run-app|sentinel/.test(command))
    .toSorted();
}
