/**
 * What AWS takes at most of what a template or a call gives it: the one table that synthesis, the local services and the tests read.
 * Quotas that an account can raise have their default.
 */
import { MOST_BODY_BYTES } from '../../functions/incidents/re-login/re-login-settings.ts';
import type { Measure } from './measures.ts';

export interface FieldLimit {
  readonly most: number;
  readonly measure: Measure;
  /** Where a template has it, if not under the call's name. */
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

const limit =
  (measure: Measure) =>
  (most: number, options: Pick<FieldLimit, 'property' | 'code'> = {}): FieldLimit => ({ most, measure, ...options });
const [characters, bytes, count, policy] = [limit('characters'), limit('bytes'), limit('count'), limit('policy')];

/** Operations and their type and code, as `"lambda CreateFunction AWS::Lambda::Function InvalidParameterValueException"`, and their page. */
function of(operation: string, page: string, fields: OperationLimits['fields'], where?: OperationLimits['where']): OperationLimits {
  const [service = '', operations = '', type = '', code = ''] = operation.split(' ');
  const source = `https://docs.aws.amazon.com/${page}.html`;
  return { service, operations: operations.split('/'), ...(type !== '-' && { type }), code, source, fields, ...(where && { where }) };
}

const [Tags, tags] = [count(50), count(50, { property: 'Tags' })];
const [IAM, EVENTS] = ['IAM/latest/UserGuide/reference_iam-quotas', 'eventbridge/latest/userguide/eb-quota'];
const ELB = 'elasticloadbalancing/latest/application/load-balancer-limits';
const [LAMBDA, DYNAMODB] = ['lambda/latest/dg/gettingstarted-limits', 'amazondynamodb/latest/developerguide/ServiceQuotas'];
const [CLOUDFORMATION, PARAMETER] = [
  'AWSCloudFormation/latest/UserGuide/cloudformation-limits',
  'systems-manager/latest/APIReference/API_PutParameter',
];

export const LIMITS: readonly OperationLimits[] = [
  of('monitoring PutMetricAlarm AWS::CloudWatch::Alarm ValidationError', 'AmazonCloudWatch/latest/APIReference/API_MetricDataQuery', {
    ...{
      'Metrics[MetricStat]': count(10),
      'Metrics[Expression]': count(10),
      'Metrics[].Expression': characters(2_048),
      Dimensions: count(30),
    },
    ...{ AlarmName: characters(255), AlarmDescription: characters(1_024), Tags },
    ...{ AlarmActions: count(5), OKActions: count(5), InsufficientDataActions: count(5) },
  }),
  of('monitoring PutDashboard AWS::CloudWatch::Dashboard InvalidParameterInput', 'AmazonCloudWatch/latest/monitoring/cloudwatch_limits', {
    ...{ DashboardName: characters(255), DashboardBody: { most: 500, measure: 'widgets' } },
  }),
  of('lambda CreateFunction/UpdateFunctionConfiguration AWS::Lambda::Function InvalidParameterValueException', LAMBDA, {
    // Lambda measures the variables as JSON, quotes and their escapes included: its error quotes the string that it measured.
    ...{ FunctionName: characters(64), Description: characters(256), 'Environment.Variables': bytes(4_096), Tags },
    ...{ 'VpcConfig.SubnetIds': count(16), 'VpcConfig.SecurityGroupIds': count(5), Layers: count(5) },
  }),
  of('lambda UpdateFunctionCode - RequestEntityTooLargeException', LAMBDA, { ZipFile: { most: 52_428_800, measure: 'decodedBytes' } }),
  of('iam CreateRole AWS::IAM::Role LimitExceeded', IAM, {
    ...{
      RoleName: characters(64),
      Description: characters(1_000),
      AssumeRolePolicyDocument: policy(2_048),
      ManagedPolicyArns: count(10),
      Tags,
    },
  }),
  of('iam PutRolePolicy AWS::IAM::Policy LimitExceeded', IAM, { PolicyName: characters(128), PolicyDocument: policy(10_240) }),
  of('iam CreatePolicy/CreatePolicyVersion AWS::IAM::ManagedPolicy LimitExceeded', IAM, {
    ...{ PolicyName: characters(128, { property: 'ManagedPolicyName' }), PolicyDocument: policy(6_144), Tags },
  }),
  of(
    'states CreateStateMachine/UpdateStateMachine AWS::StepFunctions::StateMachine InvalidDefinition',
    'step-functions/latest/dg/service-quotas',
    {
      ...{ name: characters(80, { property: 'StateMachineName', code: 'InvalidName' }), tags: { ...tags, code: 'TooManyTags' } },
      definition: bytes(1_048_576, { property: 'DefinitionString' }),
      'definition!': { most: 80, measure: 'stateName', property: 'DefinitionString' },
    },
  ),
  // The quota's default; a request can have 4,096.
  of('events PutRule AWS::Events::Rule ValidationException', EVENTS, {
    ...{ Name: characters(64), Description: characters(512), EventPattern: bytes(2_048), Tags },
  }),
  of('events PutTargets AWS::Events::Rule LimitExceededException', EVENTS, { Targets: count(5), 'Targets[].Input': characters(8_192) }),
  of(
    'scheduler CreateSchedule/UpdateSchedule AWS::Scheduler::Schedule ValidationException',
    'scheduler/latest/APIReference/API_CreateSchedule',
    {
      ...{ Name: characters(64), Description: characters(512), 'Target.Input': bytes(262_144) },
    },
  ),
  of('ssm CreateDocument/UpdateDocument AWS::SSM::Document MaxDocumentSizeExceeded', 'general/latest/gr/ssm', {
    ...{ Name: characters(128, { code: 'ValidationException' }), Content: bytes(65_536) },
  }),
  of('ssm PutParameter AWS::SSM::Parameter ValidationException', PARAMETER, {
    ...{ Name: characters(1_011), Description: characters(1_024), Value: bytes(8_192) },
  }),
  of(
    'ssm PutParameter AWS::SSM::Parameter ValidationException',
    PARAMETER,
    { Value: bytes(4_096) },
    { field: 'Tier', values: [undefined, 'Standard'] },
  ),
  of(
    'ec2 CreateLaunchTemplate/CreateLaunchTemplateVersion AWS::EC2::LaunchTemplate InvalidUserData.Malformed',
    'AWSEC2/latest/UserGuide/user-data',
    {
      ...{ LaunchTemplateName: characters(128), 'LaunchTemplateData.UserData': { most: 16_384, measure: 'decodedBytes' } },
    },
  ),
  of('ec2 CreateSecurityGroup AWS::EC2::SecurityGroup InvalidParameterValue', 'AWSEC2/latest/APIReference/API_CreateSecurityGroup', {
    ...{ GroupName: characters(255), Description: characters(255, { property: 'GroupDescription' }) },
    ...{ SecurityGroupIngress: count(60), SecurityGroupEgress: count(60) },
  }),
  of('elasticloadbalancing CreateLoadBalancer AWS::ElasticLoadBalancingV2::LoadBalancer ValidationError', ELB, {
    Name: characters(32),
    Tags,
  }),
  of('elasticloadbalancing CreateTargetGroup AWS::ElasticLoadBalancingV2::TargetGroup ValidationError', ELB, {
    ...{ Name: characters(32), HealthCheckPath: characters(1_024), Tags: { ...Tags, code: 'TooManyTags' } },
  }),
  of('elasticloadbalancing CreateRule/ModifyRule AWS::ElasticLoadBalancingV2::ListenerRule ValidationError', ELB, {
    ...{ Conditions: { most: 5, measure: 'conditionValues' }, 'Conditions!': { most: 5, measure: 'conditionWildcards' } },
    'Actions[].ForwardConfig.TargetGroups': count(5, { code: 'TooManyTargetGroups' }),
    'Actions[].FixedResponseConfig.MessageBody': bytes(MOST_BODY_BYTES),
  }),
  of(
    'autoscaling CreateAutoScalingGroup AWS::AutoScaling::AutoScalingGroup ValidationError',
    'autoscaling/ec2/userguide/ec2-auto-scaling-quotas',
    {
      ...{ AutoScalingGroupName: characters(255), LifecycleHookSpecificationList: count(50), TargetGroupARNs: count(50), Tags },
    },
  ),
  of('autoscaling PutLifecycleHook AWS::AutoScaling::LifecycleHook ValidationError', 'autoscaling/ec2/APIReference/API_PutLifecycleHook', {
    ...{ LifecycleHookName: characters(255), NotificationMetadata: characters(1_023) },
  }),
  of(
    'elasticache CreateReplicationGroup AWS::ElastiCache::ReplicationGroup InvalidParameterValue',
    'AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup',
    {
      ...{ ReplicationGroupId: characters(40), Tags },
    },
  ),
  of('elasticache CreateUser AWS::ElastiCache::User InvalidParameterValue', 'AmazonElastiCache/latest/APIReference/API_CreateUser', {
    ...{ UserId: characters(40), Passwords: count(2), Tags },
  }),
  of('elasticache CreateUserGroup AWS::ElastiCache::UserGroup InvalidParameterValue', 'AmazonElastiCache/latest/dg/quota-limits', {
    ...{ UserGroupId: characters(40), UserIds: count(100), Tags },
  }),
  of(
    'secretsmanager CreateSecret/UpdateSecret AWS::SecretsManager::Secret InvalidParameterException',
    'secretsmanager/latest/userguide/reference_limits',
    {
      ...{ Name: characters(512), Description: characters(2_048), SecretString: bytes(65_536), Tags },
    },
  ),
  of('logs CreateLogGroup AWS::Logs::LogGroup InvalidParameterException', 'AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup', {
    ...{ logGroupName: characters(512, { property: 'LogGroupName' }), tags },
  }),
  of('sns CreateTopic AWS::SNS::Topic InvalidParameter', 'sns/latest/api/API_CreateTopic', {
    Name: characters(256, { property: 'TopicName' }),
    Tags,
  }),
  of('sqs CreateQueue AWS::SQS::Queue InvalidParameterValue', 'AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues', {
    QueueName: characters(80),
    tags,
  }),
  of('dynamodb CreateTable AWS::DynamoDB::Table ValidationException', DYNAMODB, {
    TableName: characters(255),
    GlobalSecondaryIndexes: count(20),
    Tags,
  }),
  of('dynamodb PutItem - ValidationException', DYNAMODB, { Item: { most: 409_600, measure: 'item' } }),
  of('kms CreateKey AWS::KMS::Key LimitExceededException', 'kms/latest/developerguide/resource-limits', {
    ...{ Policy: policy(32_768, { property: 'KeyPolicy' }), Description: characters(8_192), Tags },
  }),
  of('cloudformation CreateChangeSet/CreateStack/UpdateStack - ValidationError', CLOUDFORMATION, {
    ...{ StackName: characters(128), TemplateBody: bytes(51_200), Parameters: count(200), Tags },
  }),
];

/** What several resources of a template, or of all templates of an installation, use together. Sources: as above. */
export const SHARED_LIMITS = {
  ...{ resourcesOfStack: 500, outputsOfStack: 200, templateBytes: 1_048_576 },
  ...{ inlinePoliciesOfRole: 10_240, managedPoliciesOfRole: 10, rolesOfAccount: 1_000 },
  ...{ permissionsOfFunction: 20_480, rulesOfEventBus: 300, rulesOfLoadBalancer: 100, targetGroupsOfLoadBalancer: 100 },
} as const;
