/**
 * What AWS takes at most of what a template or a call gives it: the one table that synthesis, the local services and the tests read.
 * Quotas that an account can raise have their default.
 */
import { isRecord, parseJson } from '../json.ts';

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

/** `"lambda CreateFunction Lambda::Function InvalidParameterValueException"`: service, operations, type and code; and AWS's page. */
function of(operation: string, page: string, fields: OperationLimits['fields'], where?: OperationLimits['where']): OperationLimits {
  const [service = '', operations = '', type = '', code = ''] = operation.split(' ');
  const source = `https://docs.aws.amazon.com/${page}.html`;
  return {
    service,
    operations: operations.split('/'),
    ...(type !== '-' && { type: `AWS::${type}` }),
    code,
    source,
    fields,
    ...(where && { where }),
  };
}

const [Tags, tags] = [count(50), count(50, { property: 'Tags' })];
/** Pages of docs.aws.amazon.com. */
const P = {
  ALARM: 'AmazonCloudWatch/latest/APIReference/API_MetricDataQuery',
  AUTO_SCALING: 'autoscaling/ec2/userguide/ec2-auto-scaling-quotas',
  CLOUDFORMATION: 'AWSCloudFormation/latest/UserGuide/cloudformation-limits',
  DASHBOARD: 'AmazonCloudWatch/latest/monitoring/cloudwatch_limits',
  DOCUMENT: 'general/latest/gr/ssm',
  DYNAMODB: 'amazondynamodb/latest/developerguide/ServiceQuotas',
  ELASTICACHE: 'AmazonElastiCache/latest/dg/quota-limits',
  ELB: 'elasticloadbalancing/latest/application/load-balancer-limits',
  EVENTS: 'eventbridge/latest/userguide/eb-quota',
  HOOK: 'autoscaling/ec2/APIReference/API_PutLifecycleHook',
  IAM: 'IAM/latest/UserGuide/reference_iam-quotas',
  KMS: 'kms/latest/developerguide/resource-limits',
  LAMBDA: 'lambda/latest/dg/gettingstarted-limits',
  LOGS: 'AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup',
  PARAMETER: 'systems-manager/latest/APIReference/API_PutParameter',
  QUEUES: 'AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues',
  SCHEDULE: 'scheduler/latest/APIReference/API_CreateSchedule',
  SECRETS: 'secretsmanager/latest/userguide/reference_limits',
  SECURITY_GROUP: 'AWSEC2/latest/APIReference/API_CreateSecurityGroup',
  STATES: 'step-functions/latest/dg/service-quotas',
  STORE: 'AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup',
  TOPIC: 'sns/latest/api/API_CreateTopic',
  USER: 'AmazonElastiCache/latest/APIReference/API_CreateUser',
  USER_DATA: 'AWSEC2/latest/UserGuide/user-data',
} as const;

export const LIMITS: readonly OperationLimits[] = [
  of('monitoring PutMetricAlarm CloudWatch::Alarm ValidationError', P.ALARM, {
    ...{
      'Metrics[MetricStat]': count(10),
      'Metrics[Expression]': count(10),
      'Metrics[].Expression': characters(2_048),
      Dimensions: count(30),
    },
    ...{ AlarmName: characters(255), AlarmDescription: characters(1_024), Tags },
    ...{ AlarmActions: count(5), OKActions: count(5), InsufficientDataActions: count(5) },
  }),
  of('monitoring PutDashboard CloudWatch::Dashboard InvalidParameterInput', P.DASHBOARD, {
    ...{ DashboardName: characters(255), DashboardBody: { most: 500, measure: 'widgets' } },
  }),
  of('lambda CreateFunction/UpdateFunctionConfiguration Lambda::Function InvalidParameterValueException', P.LAMBDA, {
    // Lambda measures the variables as JSON, quotes and their escapes included: its error quotes the string that it measured.
    ...{ FunctionName: characters(64), Description: characters(256), 'Environment.Variables': bytes(4_096), Tags },
    ...{ 'VpcConfig.SubnetIds': count(16), 'VpcConfig.SecurityGroupIds': count(5), Layers: count(5) },
  }),
  of('lambda UpdateFunctionCode - RequestEntityTooLargeException', P.LAMBDA, { ZipFile: { most: 52_428_800, measure: 'decodedBytes' } }),
  of('iam CreateRole IAM::Role LimitExceeded', P.IAM, {
    ...{
      RoleName: characters(64),
      Description: characters(1_000),
      AssumeRolePolicyDocument: policy(2_048),
      ManagedPolicyArns: count(10),
      Tags,
    },
  }),
  of('iam PutRolePolicy IAM::Policy LimitExceeded', P.IAM, { PolicyName: characters(128), PolicyDocument: policy(10_240) }),
  of('iam CreatePolicy/CreatePolicyVersion IAM::ManagedPolicy LimitExceeded', P.IAM, {
    ...{ PolicyName: characters(128, { property: 'ManagedPolicyName' }), PolicyDocument: policy(6_144), Tags },
  }),
  of('states CreateStateMachine/UpdateStateMachine StepFunctions::StateMachine InvalidDefinition', P.STATES, {
    ...{ name: characters(80, { property: 'StateMachineName', code: 'InvalidName' }), tags: { ...tags, code: 'TooManyTags' } },
    definition: bytes(1_048_576, { property: 'DefinitionString' }),
    'definition!': { most: 80, measure: 'stateName', property: 'DefinitionString' },
  }),
  // The quota's default; a request can have 4,096.
  of('events PutRule Events::Rule ValidationException', P.EVENTS, {
    ...{ Name: characters(64), Description: characters(512), EventPattern: bytes(2_048), Tags },
  }),
  of('events PutTargets Events::Rule LimitExceededException', P.EVENTS, { Targets: count(5), 'Targets[].Input': characters(8_192) }),
  of('scheduler CreateSchedule/UpdateSchedule Scheduler::Schedule ValidationException', P.SCHEDULE, {
    ...{ Name: characters(64), Description: characters(512), 'Target.Input': bytes(262_144) },
  }),
  of('ssm CreateDocument/UpdateDocument SSM::Document MaxDocumentSizeExceeded', P.DOCUMENT, {
    ...{ Name: characters(128, { code: 'ValidationException' }), Content: bytes(65_536) },
  }),
  of('ssm PutParameter SSM::Parameter ValidationException', P.PARAMETER, {
    ...{ Name: characters(1_011), Description: characters(1_024), Value: bytes(8_192) },
  }),
  of(
    'ssm PutParameter SSM::Parameter ValidationException',
    P.PARAMETER,
    { Value: bytes(4_096) },
    { field: 'Tier', values: [undefined, 'Standard'] },
  ),
  of('ec2 CreateLaunchTemplate/CreateLaunchTemplateVersion EC2::LaunchTemplate InvalidUserData.Malformed', P.USER_DATA, {
    ...{ LaunchTemplateName: characters(128), 'LaunchTemplateData.UserData': { most: 16_384, measure: 'decodedBytes' } },
  }),
  of('ec2 CreateSecurityGroup EC2::SecurityGroup InvalidParameterValue', P.SECURITY_GROUP, {
    ...{ GroupName: characters(255), Description: characters(255, { property: 'GroupDescription' }) },
    ...{ SecurityGroupIngress: count(60), SecurityGroupEgress: count(60) },
  }),
  of('elasticloadbalancing CreateLoadBalancer ElasticLoadBalancingV2::LoadBalancer ValidationError', P.ELB, {
    ...{ Name: characters(32), Tags: { ...Tags, code: 'TooManyTags' } },
  }),
  of('elasticloadbalancing CreateTargetGroup ElasticLoadBalancingV2::TargetGroup ValidationError', P.ELB, {
    ...{ Name: characters(32), HealthCheckPath: characters(1_024), Tags: { ...Tags, code: 'TooManyTags' } },
  }),
  of('elasticloadbalancing CreateRule/ModifyRule ElasticLoadBalancingV2::ListenerRule ValidationError', P.ELB, {
    ...{ Conditions: { most: 5, measure: 'conditionValues' }, 'Conditions!': { most: 5, measure: 'conditionWildcards' } },
    'Actions[].ForwardConfig.TargetGroups': count(5, { code: 'TooManyTargetGroups' }),
    'Actions[].FixedResponseConfig.MessageBody': bytes(1_024),
  }),
  of('autoscaling CreateAutoScalingGroup AutoScaling::AutoScalingGroup ValidationError', P.AUTO_SCALING, {
    ...{ AutoScalingGroupName: characters(255), LifecycleHookSpecificationList: count(50), TargetGroupARNs: count(50), Tags },
  }),
  of('autoscaling PutLifecycleHook AutoScaling::LifecycleHook ValidationError', P.HOOK, {
    ...{ LifecycleHookName: characters(255), NotificationMetadata: characters(1_023) },
  }),
  of('elasticache CreateReplicationGroup ElastiCache::ReplicationGroup InvalidParameterValue', P.STORE, {
    ...{ ReplicationGroupId: characters(40), Tags },
  }),
  of('elasticache CreateUser ElastiCache::User InvalidParameterValue', P.USER, {
    ...{ UserId: characters(40), Passwords: count(2), Tags },
  }),
  of('elasticache CreateUserGroup ElastiCache::UserGroup InvalidParameterValue', P.ELASTICACHE, {
    ...{ UserGroupId: characters(40), UserIds: count(100), Tags },
  }),
  of('secretsmanager CreateSecret/UpdateSecret SecretsManager::Secret InvalidParameterException', P.SECRETS, {
    ...{ Name: characters(512), Description: characters(2_048), SecretString: bytes(65_536), Tags },
  }),
  of('logs CreateLogGroup Logs::LogGroup InvalidParameterException', P.LOGS, {
    ...{ logGroupName: characters(512, { property: 'LogGroupName' }), tags },
  }),
  of('sns CreateTopic SNS::Topic InvalidParameter', P.TOPIC, { Name: characters(256, { property: 'TopicName' }), Tags }),
  of('sqs CreateQueue SQS::Queue InvalidParameterValue', P.QUEUES, { QueueName: characters(80), tags }),
  of('dynamodb CreateTable DynamoDB::Table ValidationException', P.DYNAMODB, {
    TableName: characters(255),
    GlobalSecondaryIndexes: count(20),
    Tags,
  }),
  of('dynamodb PutItem - ValidationException', P.DYNAMODB, { Item: { most: 409_600, measure: 'item' } }),
  of('kms CreateKey KMS::Key LimitExceededException', P.KMS, {
    ...{ Policy: policy(32_768, { property: 'KeyPolicy' }), Description: characters(8_192), Tags },
  }),
  of('cloudformation CreateChangeSet/CreateStack/UpdateStack - ValidationError', P.CLOUDFORMATION, {
    ...{ StackName: characters(128), TemplateBody: bytes(51_200), Parameters: count(200), Tags },
  }),
];

/** What several resources of a template, or of all templates of an installation, use together. Sources: as above. */
export const SHARED_LIMITS = {
  ...{ resourcesOfStack: 500, outputsOfStack: 200, templateBytes: 1_048_576 },
  ...{ inlinePoliciesOfRole: 10_240, managedPoliciesOfRole: 10, rolesOfAccount: 1_000 },
  ...{ permissionsOfFunction: 20_480, rulesOfEventBus: 300, rulesOfLoadBalancer: 100, targetGroupsOfLoadBalancer: 100 },
} as const;

const sizeOf = (value: unknown): number => Buffer.byteLength(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
/** JSON without whitespace; in templates it is no text yet. */
const compact = (value: unknown): string => JSON.stringify(typeof value === 'string' ? (parseJson(value) ?? value) : value);
/** Texts of a rule's conditions, but for those under these names. */
function conditionTexts(conditions: unknown, without: readonly string[]): string[] {
  const texts: string[] = [];
  JSON.stringify(conditions, (key, value: unknown) => {
    if (['Field', 'HttpHeaderName', ...without].includes(key)) return undefined;
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  return texts;
}
const stateNames = (definition: unknown): string[] => {
  const names: string[] = [];
  JSON.stringify(typeof definition === 'string' ? parseJson(definition) : definition, (key, value: unknown) => {
    if (key === 'States' && isRecord(value)) names.push(...Object.keys(value));
    return value;
  });
  return names;
};

/** Each gives a size; a value of another kind has none. */
export const MEASURES = {
  characters: (value) => (typeof value === 'string' ? value.length : 0),
  bytes: sizeOf,
  /** Of a value in base64. */
  decodedBytes: (value) => Buffer.from(String(value), 'base64').length,
  policy: (value) => compact(value).length,
  count: (value) => (typeof value === 'object' && value !== null ? Object.keys(value).length : 0),
  widgets: (value) => ((parseJson(String(value)) as { widgets?: unknown[] } | null | undefined)?.widgets ?? []).length,
  stateName: (value) => Math.max(0, ...stateNames(value).map(({ length }) => length)),
  conditionValues: (value) => conditionTexts(value, ['Key']).length,
  /** Those that a backslash does not take literally; regular expressions have none. */
  conditionWildcards: (value) =>
    conditionTexts(value, ['RegexValues'])
      .join('')
      .replaceAll(/\\.|[^*?]/g, '').length,
  /** Names and values, as DynamoDB writes them on the wire without the letters of their types. */
  item: (value) =>
    Object.entries(value ?? {}).reduce((sum, [name, typed]) => sum + sizeOf(name) + sizeOf(Object.values(typed ?? {})[0]), 0),
} as const satisfies Readonly<Record<string, (value: unknown) => number>>;

export type Measure = keyof typeof MEASURES;
