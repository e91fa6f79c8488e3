/** Made-up physical ids and attributes of resources, in the form that AWS has for them. */
import { createHash } from 'node:crypto';

export interface Place {
  readonly region: string;
  readonly account: string;
}

/** A resource of a template. */
export interface NamedResource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  get(property: string): unknown;
  text(property: string): string;
}

interface Naming {
  readonly ref: (resource: NamedResource, arnOf: ArnOf) => string;
  readonly attributes?: Readonly<Record<string, (resource: NamedResource, arnOf: ArnOf) => string>>;
}

/** @param rest behind Region and account */
type ArnOf = (service: string, rest: string) => string;

/** What AWS would make up: the same for the same resource. */
const suffix = ({ stack, logicalId }: NamedResource, length: number, salt = ''): string =>
  createHash('sha256').update(`${stack}.${logicalId}${salt}`).digest('hex').slice(0, length);

const nameOr = (resource: NamedResource, property: string): string =>
  (resource.get(property) as string | undefined) ?? `${resource.stack}-${resource.logicalId}`;

const functionArn = (resource: NamedResource, arnOf: ArnOf): string =>
  arnOf('lambda', `function:${resource.text('FunctionName').split(':function:').at(-1)}`);
const machineArn = (resource: NamedResource, arnOf: ArnOf): string =>
  arnOf('states', `stateMachine:${nameOr(resource, 'StateMachineName')}`);
const targetGroup = (resource: NamedResource): string => `targetgroup/${nameOr(resource, 'Name')}/${suffix(resource, 16)}`;
const listenerRule = (one: NamedResource): string =>
  `${one.text('ListenerArn').replace(':listener/', ':listener-rule/')}/${suffix(one, 16)}`;
const loadBalancer = (resource: NamedResource): string => `app/${nameOr(resource, 'Name')}/${suffix(resource, 16)}`;

const NAMING: Readonly<Record<string, Naming>> = {
  'AWS::Lambda::Function': { ref: (one) => one.text('FunctionName'), attributes: { Arn: functionArn } },
  // One installation is made once: each function has one version.
  'AWS::Lambda::Version': { ref: (one, arnOf) => `${functionArn(one, arnOf)}:1`, attributes: { Version: () => '1' } },
  'AWS::Lambda::Alias': { ref: (one, arnOf) => `${functionArn(one, arnOf)}:${one.text('Name')}` },
  'AWS::StepFunctions::StateMachine': {
    ref: machineArn,
    attributes: { Arn: machineArn, Name: (one) => nameOr(one, 'StateMachineName'), StateMachineRevisionId: (one) => suffix(one, 32) },
  },
  'AWS::StepFunctions::StateMachineVersion': { ref: (one) => `${one.text('StateMachineArn')}:1` },
  'AWS::DynamoDB::Table': {
    ref: (one) => nameOr(one, 'TableName'),
    attributes: { Arn: (one, arnOf) => arnOf('dynamodb', `table/${nameOr(one, 'TableName')}`) },
  },
  'AWS::SSM::Document': { ref: (one) => nameOr(one, 'Name') },
  'AWS::AutoScaling::AutoScalingGroup': { ref: (one) => nameOr(one, 'AutoScalingGroupName') },
  'AWS::ElasticLoadBalancingV2::TargetGroup': {
    ref: (one, arnOf) => arnOf('elasticloadbalancing', targetGroup(one)),
    attributes: { TargetGroupFullName: targetGroup, TargetGroupName: (one) => nameOr(one, 'Name') },
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': {
    ref: (one, arnOf) => arnOf('elasticloadbalancing', `loadbalancer/${loadBalancer(one)}`),
    attributes: { LoadBalancerFullName: loadBalancer },
  },
  'AWS::ElasticLoadBalancingV2::Listener': {
    ref: (one) => `${one.text('LoadBalancerArn').replace(':loadbalancer/', ':listener/')}/${suffix(one, 16)}`,
  },
  'AWS::ElasticLoadBalancingV2::ListenerRule': { ref: listenerRule, attributes: { RuleArn: listenerRule } },
  'AWS::CloudWatch::Alarm': {
    ref: (one) => nameOr(one, 'AlarmName'),
    attributes: { Arn: (one, arnOf) => arnOf('cloudwatch', `alarm:${nameOr(one, 'AlarmName')}`) },
  },
  'AWS::ElastiCache::ReplicationGroup': {
    ref: (one) => one.text('ReplicationGroupId'),
    attributes: {
      'PrimaryEndPoint.Address': (one) => `master.${one.text('ReplicationGroupId')}.${suffix(one, 6)}.cache.amazonaws.com`,
      'PrimaryEndPoint.Port': (one) => String(one.get('Port') ?? 6379),
    },
  },
  'AWS::SNS::Topic': { ref: (one, arnOf) => arnOf('sns', nameOr(one, 'TopicName')) },
  'AWS::SQS::Queue': {
    ref: (one, arnOf) => `https://${arnOf('sqs', nameOr(one, 'QueueName'))}`,
    attributes: { Arn: (one, arnOf) => arnOf('sqs', nameOr(one, 'QueueName')), QueueName: (one) => nameOr(one, 'QueueName') },
  },
  'AWS::IAM::Role': {
    ref: (one) => nameOr(one, 'RoleName'),
    attributes: { Arn: (one, arnOf) => `${arnOf('iam', 'role/')}${nameOr(one, 'RoleName')}` },
  },
};

const arnIn =
  ({ region, account }: Place): ArnOf =>
  (service, rest) =>
    `arn:aws:${service}:${region}:${account}:${rest}`;

/** `Ref`. @throws Error naming a type that is not known here */
export function physicalId(resource: NamedResource, place: Place): string {
  return namingOf(resource).ref(resource, arnIn(place));
}

/** `Fn::GetAtt`. @throws Error naming the type and the attribute that is not known here */
export function attributeOf(resource: NamedResource, attribute: string, place: Place): string {
  const read = namingOf(resource).attributes?.[attribute];
  if (!read) throw new Error(`the installation of the simulation does not know ${attribute} of ${resource.type}`);
  return read(resource, arnIn(place));
}

function namingOf({ type, stack, logicalId }: NamedResource): Naming {
  const naming = NAMING[type];
  if (!naming) throw new Error(`${stack}: the installation of the simulation does not know the name of ${type} (${logicalId})`);
  return naming;
}
