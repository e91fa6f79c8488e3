/**
 * What AWS takes at most of what a template or a call gives it: the one table that synthesis, the local services and the tests read.
 * Quotas that an account can raise have their default.
 */
import { MOST_BODY_BYTES } from '../../functions/incidents/re-login/re-login-settings.ts';
import type { Measure } from './measures.ts';

/** @param property where a template has it, if not under the call's name */
export interface FieldLimit {
  readonly most: number;
  readonly measure: Measure;
  readonly property?: string;
  /** @default the operation's */
  readonly code?: string;
}

export interface OperationLimits {
  /** As requests are signed. */
  readonly service: string;
  readonly operations: readonly string[];
  /** The resource type that is created by them. */
  readonly type?: string;
  /** AWS's error for a value beyond a limit. */
  readonly code: string;
  readonly source: string;
  /** Only for inputs that have one of these values. */
  readonly where?: { readonly field: string; readonly values: readonly (string | undefined)[] };
  /** By path: `A.B`, `A[].B` of each item, `A[B]` of the items that have B. A path ends in `!` where it has two limits. */
  readonly fields: Readonly<Record<string, FieldLimit>>;
}

type Options = Omit<FieldLimit, 'most' | 'measure'>;
const characters = (most: number, options: Options = {}): FieldLimit => ({ most, measure: 'characters', ...options });
const bytes = (most: number, options: Options = {}): FieldLimit => ({ most, measure: 'bytes', ...options });
const count = (most: number, options: Options = {}): FieldLimit => ({ most, measure: 'count', ...options });
/** Whitespace does not count. */
const policy = (most: number, options: Options = {}): FieldLimit => ({ most, measure: 'policy', ...options });

const API = 'https://docs.aws.amazon.com';
const TAGS = { Tags: count(50) };
/** The quota's default; a request can have 4,096. */
const EVENT_PATTERN_CHARACTERS = 2_048;

export const LIMITS: readonly OperationLimits[] = [
  {
    service: 'monitoring',
    operations: ['PutMetricAlarm'],
    type: 'AWS::CloudWatch::Alarm',
    code: 'ValidationError',
    source: `${API}/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html`,
    fields: {
      'Metrics[MetricStat]': count(10),
      'Metrics[Expression]': count(10),
      'Metrics[].Expression': characters(2_048),
      AlarmName: characters(255),
      AlarmDescription: characters(1_024),
      AlarmActions: count(5),
      OKActions: count(5),
      InsufficientDataActions: count(5),
      Dimensions: count(30),
      ...TAGS,
    },
  },
  {
    service: 'monitoring',
    operations: ['PutDashboard'],
    type: 'AWS::CloudWatch::Dashboard',
    code: 'InvalidParameterInput',
    source: `${API}/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html`,
    fields: { DashboardName: characters(255), DashboardBody: { most: 500, measure: 'widgets' } },
  },
  {
    service: 'lambda',
    operations: ['CreateFunction', 'UpdateFunctionConfiguration'],
    type: 'AWS::Lambda::Function',
    code: 'InvalidParameterValueException',
    source: `${API}/lambda/latest/dg/gettingstarted-limits.html`,
    fields: {
      FunctionName: characters(64),
      Description: characters(256),
      // Lambda measures the variables as JSON, quotes and their escapes included: its error quotes the string that it measured.
      'Environment.Variables': bytes(4_096),
      'VpcConfig.SubnetIds': count(16),
      'VpcConfig.SecurityGroupIds': count(5),
      Layers: count(5),
      ...TAGS,
    },
  },
  {
    service: 'lambda',
    operations: ['UpdateFunctionCode'],
    code: 'RequestEntityTooLargeException',
    source: `${API}/lambda/latest/dg/gettingstarted-limits.html`,
    fields: { ZipFile: { most: 52_428_800, measure: 'decodedBytes' } },
  },
  {
    service: 'iam',
    operations: ['CreateRole'],
    type: 'AWS::IAM::Role',
    code: 'LimitExceeded',
    source: `${API}/IAM/latest/UserGuide/reference_iam-quotas.html`,
    fields: {
      RoleName: characters(64),
      Description: characters(1_000),
      AssumeRolePolicyDocument: policy(2_048),
      // Calls attach them one by one.
      ManagedPolicyArns: count(10),
      ...TAGS,
    },
  },
  {
    service: 'iam',
    operations: ['PutRolePolicy'],
    type: 'AWS::IAM::Policy',
    code: 'LimitExceeded',
    source: `${API}/IAM/latest/UserGuide/reference_iam-quotas.html`,
    fields: { PolicyName: characters(128), PolicyDocument: policy(10_240) },
  },
  {
    service: 'iam',
    operations: ['CreatePolicy', 'CreatePolicyVersion'],
    type: 'AWS::IAM::ManagedPolicy',
    code: 'LimitExceeded',
    source: `${API}/IAM/latest/UserGuide/reference_iam-quotas.html`,
    fields: { PolicyName: characters(128, { property: 'ManagedPolicyName' }), PolicyDocument: policy(6_144), ...TAGS },
  },
  {
    service: 'states',
    operations: ['CreateStateMachine', 'UpdateStateMachine'],
    type: 'AWS::StepFunctions::StateMachine',
    code: 'InvalidDefinition',
    source: `${API}/step-functions/latest/dg/service-quotas.html`,
    fields: {
      name: characters(80, { property: 'StateMachineName', code: 'InvalidName' }),
      definition: bytes(1_048_576, { property: 'DefinitionString' }),
      'definition!': { most: 80, measure: 'stateName', property: 'DefinitionString' },
      tags: count(50, { property: 'Tags', code: 'TooManyTags' }),
    },
  },
  {
    service: 'events',
    operations: ['PutRule'],
    type: 'AWS::Events::Rule',
    code: 'ValidationException',
    source: `${API}/eventbridge/latest/userguide/eb-quota.html`,
    fields: { Name: characters(64), Description: characters(512), EventPattern: bytes(EVENT_PATTERN_CHARACTERS), ...TAGS },
  },
  {
    service: 'events',
    operations: ['PutTargets'],
    type: 'AWS::Events::Rule',
    code: 'LimitExceededException',
    source: `${API}/eventbridge/latest/userguide/eb-quota.html`,
    fields: { Targets: count(5), 'Targets[].Input': characters(8_192) },
  },
  {
    service: 'scheduler',
    operations: ['CreateSchedule', 'UpdateSchedule'],
    type: 'AWS::Scheduler::Schedule',
    code: 'ValidationException',
    source: `${API}/scheduler/latest/APIReference/API_CreateSchedule.html`,
    fields: { Name: characters(64), Description: characters(512), 'Target.Input': bytes(262_144) },
  },
  {
    service: 'ssm',
    operations: ['CreateDocument', 'UpdateDocument'],
    type: 'AWS::SSM::Document',
    code: 'MaxDocumentSizeExceeded',
    source: `${API}/general/latest/gr/ssm.html`,
    fields: { Name: characters(128, { code: 'ValidationException' }), Content: bytes(65_536) },
  },
  {
    service: 'ssm',
    operations: ['PutParameter'],
    type: 'AWS::SSM::Parameter',
    code: 'ValidationException',
    source: `${API}/systems-manager/latest/APIReference/API_PutParameter.html`,
    fields: { Name: characters(1_011), Description: characters(1_024), Value: bytes(8_192) },
  },
  {
    service: 'ssm',
    operations: ['PutParameter'],
    type: 'AWS::SSM::Parameter',
    code: 'ValidationException',
    source: `${API}/systems-manager/latest/APIReference/API_PutParameter.html`,
    where: { field: 'Tier', values: [undefined, 'Standard'] },
    fields: { Value: bytes(4_096) },
  },
  {
    service: 'ec2',
    operations: ['CreateLaunchTemplate', 'CreateLaunchTemplateVersion'],
    type: 'AWS::EC2::LaunchTemplate',
    code: 'InvalidUserData.Malformed',
    source: `${API}/AWSEC2/latest/UserGuide/user-data.html`,
    fields: { LaunchTemplateName: characters(128), 'LaunchTemplateData.UserData': { most: 16_384, measure: 'decodedBytes' } },
  },
  {
    service: 'ec2',
    operations: ['CreateSecurityGroup'],
    type: 'AWS::EC2::SecurityGroup',
    code: 'InvalidParameterValue',
    source: `${API}/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html`,
    fields: {
      GroupName: characters(255),
      Description: characters(255, { property: 'GroupDescription' }),
      SecurityGroupIngress: count(60),
      SecurityGroupEgress: count(60),
    },
  },
  {
    service: 'elasticloadbalancing',
    operations: ['CreateLoadBalancer'],
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    code: 'ValidationError',
    source: `${API}/elasticloadbalancing/latest/application/load-balancer-limits.html`,
    fields: { Name: characters(32), Tags: count(50, { code: 'TooManyTags' }) },
  },
  {
    service: 'elasticloadbalancing',
    operations: ['CreateTargetGroup'],
    type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    code: 'ValidationError',
    source: `${API}/elasticloadbalancing/latest/application/load-balancer-limits.html`,
    fields: { Name: characters(32), HealthCheckPath: characters(1_024), Tags: count(50, { code: 'TooManyTags' }) },
  },
  {
    service: 'elasticloadbalancing',
    operations: ['CreateRule', 'ModifyRule'],
    type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    code: 'ValidationError',
    source: `${API}/elasticloadbalancing/latest/application/load-balancer-limits.html`,
    fields: {
      Conditions: { most: 5, measure: 'conditionValues' },
      'Conditions!': { most: 5, measure: 'conditionWildcards' },
      'Actions[].ForwardConfig.TargetGroups': count(5, { code: 'TooManyTargetGroups' }),
      'Actions[].FixedResponseConfig.MessageBody': bytes(MOST_BODY_BYTES),
    },
  },
  {
    service: 'autoscaling',
    operations: ['CreateAutoScalingGroup'],
    type: 'AWS::AutoScaling::AutoScalingGroup',
    code: 'ValidationError',
    source: `${API}/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html`,
    fields: {
      AutoScalingGroupName: characters(255),
      LifecycleHookSpecificationList: count(50),
      TargetGroupARNs: count(50),
      ...TAGS,
    },
  },
  {
    service: 'autoscaling',
    operations: ['PutLifecycleHook'],
    type: 'AWS::AutoScaling::LifecycleHook',
    code: 'ValidationError',
    source: `${API}/autoscaling/ec2/APIReference/API_PutLifecycleHook.html`,
    fields: { LifecycleHookName: characters(255), NotificationMetadata: characters(1_023) },
  },
  {
    service: 'elasticache',
    operations: ['CreateReplicationGroup'],
    type: 'AWS::ElastiCache::ReplicationGroup',
    code: 'InvalidParameterValue',
    source: `${API}/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html`,
    fields: { ReplicationGroupId: characters(40), ...TAGS },
  },
  {
    service: 'elasticache',
    operations: ['CreateUser'],
    type: 'AWS::ElastiCache::User',
    code: 'InvalidParameterValue',
    source: `${API}/AmazonElastiCache/latest/APIReference/API_CreateUser.html`,
    fields: { UserId: characters(40), Passwords: count(2), ...TAGS },
  },
  {
    service: 'elasticache',
    operations: ['CreateUserGroup'],
    type: 'AWS::ElastiCache::UserGroup',
    code: 'InvalidParameterValue',
    source: `${API}/AmazonElastiCache/latest/dg/quota-limits.html`,
    fields: { UserGroupId: characters(40), UserIds: count(100), ...TAGS },
  },
  {
    service: 'secretsmanager',
    operations: ['CreateSecret', 'UpdateSecret'],
    type: 'AWS::SecretsManager::Secret',
    code: 'InvalidParameterException',
    source: `${API}/secretsmanager/latest/userguide/reference_limits.html`,
    fields: { Name: characters(512), Description: characters(2_048), SecretString: bytes(65_536), ...TAGS },
  },
  {
    service: 'logs',
    operations: ['CreateLogGroup'],
    type: 'AWS::Logs::LogGroup',
    code: 'InvalidParameterException',
    source: `${API}/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html`,
    fields: { logGroupName: characters(512, { property: 'LogGroupName' }), tags: count(50, { property: 'Tags' }) },
  },
  {
    service: 'sns',
    operations: ['CreateTopic'],
    type: 'AWS::SNS::Topic',
    code: 'InvalidParameter',
    source: `${API}/sns/latest/api/API_CreateTopic.html`,
    fields: { Name: characters(256, { property: 'TopicName' }), ...TAGS },
  },
  {
    service: 'sqs',
    operations: ['CreateQueue'],
    type: 'AWS::SQS::Queue',
    code: 'InvalidParameterValue',
    source: `${API}/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html`,
    fields: { QueueName: characters(80), tags: count(50, { property: 'Tags' }) },
  },
  {
    service: 'dynamodb',
    operations: ['CreateTable'],
    type: 'AWS::DynamoDB::Table',
    code: 'ValidationException',
    source: `${API}/amazondynamodb/latest/developerguide/ServiceQuotas.html`,
    fields: { TableName: characters(255), GlobalSecondaryIndexes: count(20), ...TAGS },
  },
  {
    service: 'dynamodb',
    operations: ['PutItem'],
    code: 'ValidationException',
    source: `${API}/amazondynamodb/latest/developerguide/ServiceQuotas.html`,
    fields: { Item: { most: 409_600, measure: 'item' } },
  },
  {
    service: 'kms',
    operations: ['CreateKey'],
    type: 'AWS::KMS::Key',
    code: 'LimitExceededException',
    source: `${API}/kms/latest/developerguide/resource-limits.html`,
    fields: { Policy: policy(32_768, { property: 'KeyPolicy' }), Description: characters(8_192), ...TAGS },
  },
  {
    service: 'cloudformation',
    operations: ['CreateChangeSet', 'CreateStack', 'UpdateStack'],
    code: 'ValidationError',
    source: `${API}/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html`,
    fields: { StackName: characters(128), TemplateBody: bytes(51_200), Parameters: count(200), ...TAGS },
  },
];

/** What several resources of a template, or of all templates of an installation, use together. */
export const SHARED_LIMITS = {
  resourcesOfStack: { most: 500, source: `${API}/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html` },
  outputsOfStack: { most: 200, source: `${API}/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html` },
  templateBytes: { most: 1_048_576, source: `${API}/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html` },
  inlinePoliciesOfRole: { most: 10_240, source: `${API}/IAM/latest/UserGuide/reference_iam-quotas.html` },
  managedPoliciesOfRole: { most: 10, source: `${API}/IAM/latest/UserGuide/reference_iam-quotas.html` },
  rolesOfAccount: { most: 1_000, source: `${API}/IAM/latest/UserGuide/reference_iam-quotas.html` },
  permissionsOfFunction: { most: 20_480, source: `${API}/lambda/latest/dg/gettingstarted-limits.html` },
  rulesOfEventBus: { most: 300, source: `${API}/eventbridge/latest/userguide/eb-quota.html` },
  rulesOfLoadBalancer: { most: 100, source: `${API}/elasticloadbalancing/latest/application/load-balancer-limits.html` },
  targetGroupsOfLoadBalancer: { most: 100, source: `${API}/elasticloadbalancing/latest/application/load-balancer-limits.html` },
} as const;
