/** Resource types that the estimate covers, by service: each has a line, or nothing is charged for the resource itself. */
const KNOWN: Readonly<Record<string, string>> = {
  ApplicationAutoScaling: 'ScalableTarget ScalingPolicy',
  AutoScaling: 'AutoScalingGroup LifecycleHook ScalingPolicy ScheduledAction',
  CDK: 'Metadata',
  CloudFormation: 'WaitConditionHandle',
  CloudWatch: 'Alarm CompositeAlarm Dashboard',
  DynamoDB: 'Table',
  EC2:
    'InternetGateway LaunchTemplate Route RouteTable SecurityGroup SecurityGroupEgress SecurityGroupIngress Subnet ' +
    'SubnetRouteTableAssociation VPC VPCEndpoint VPCGatewayAttachment',
  ElastiCache: 'ParameterGroup ReplicationGroup SubnetGroup User UserGroup',
  ElasticLoadBalancingV2: 'Listener ListenerCertificate ListenerRule LoadBalancer TargetGroup',
  Events: 'Rule',
  IAM: 'InstanceProfile ManagedPolicy Policy Role',
  KMS: 'Alias Key',
  Lambda: 'Alias EventInvokeConfig Function Permission Version',
  Logs: 'LogGroup LogStream MetricFilter QueryDefinition ResourcePolicy',
  S3: 'Bucket BucketPolicy',
  SNS: 'Subscription Topic TopicPolicy',
  SQS: 'Queue QueuePolicy',
  SSM: 'Document Parameter',
  Scheduler: 'Schedule ScheduleGroup',
  SecretsManager: 'ResourcePolicy RotationSchedule Secret',
  StepFunctions: 'StateMachine StateMachineVersion',
};

/** Their functions run when a stack is deployed. */
const CUSTOM = ['Custom::EmptyBucket', 'Custom::Installation', 'Custom::Protection'];

export function isKnownType(type: string): boolean {
  const [, service = '', resource = ''] = type.split('::');
  return CUSTOM.includes(type) || KNOWN[service]?.split(' ').includes(resource) === true;
}
