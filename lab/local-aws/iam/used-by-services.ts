/** Permissions that AWS uses on a role's behalf and that no scenario can show, because the local cloud has no such part. */

export interface ServiceUse {
  /** An action, or the ARN of a policy that AWS keeps. */
  readonly action: string;
  readonly why: string;
  /** Page of AWS's documentation that requires it. */
  readonly source: string;
}

const LAMBDA_X_RAY = 'https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html';
const STATES_X_RAY = 'https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html';
const STATES_LOGS = 'https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html';
const LAMBDA_VPC = 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html';

/** The fewer the better: each is a permission that nothing here proves to be needed. */
export const USED_BY_SERVICES: readonly ServiceUse[] = [
  { action: 'xray:PutTraceSegments', why: 'Lambda and Step Functions send their traces with it.', source: LAMBDA_X_RAY },
  { action: 'xray:PutTelemetryRecords', why: 'Lambda and Step Functions report to X-Ray how much they sent.', source: LAMBDA_X_RAY },
  { action: 'xray:GetSamplingRules', why: 'Step Functions reads which executions to trace.', source: STATES_X_RAY },
  { action: 'xray:GetSamplingTargets', why: 'Step Functions reads how many executions to trace.', source: STATES_X_RAY },
  { action: 'logs:GetLogDelivery', why: 'Step Functions reads the delivery of its log.', source: STATES_LOGS },
  { action: 'logs:ListLogDeliveries', why: 'Step Functions lists log deliveries to find its own.', source: STATES_LOGS },
  { action: 'logs:UpdateLogDelivery', why: 'Step Functions changes the delivery of its log.', source: STATES_LOGS },
  { action: 'logs:DeleteLogDelivery', why: 'Step Functions ends the delivery of its log.', source: STATES_LOGS },
  { action: 'ec2:DescribeSubnets', why: 'Lambda reads the subnets of a function in a VPC.', source: LAMBDA_VPC },
  { action: 'ec2:AssignPrivateIpAddresses', why: 'Lambda gives the network interface of a function its addresses.', source: LAMBDA_VPC },
  { action: 'ec2:UnassignPrivateIpAddresses', why: 'Lambda takes the addresses of a network interface back.', source: LAMBDA_VPC },
  {
    action: 'sqs:SendMessage',
    why: 'Lambda and EventBridge Scheduler keep with it what a function failed at, and what could not be delivered.',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html',
  },
  {
    action: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore',
    why: "The agent of Systems Manager reports and fetches its commands with it; AWS keeps the policy in step with the agent. The local cloud's machines have no agent of their own.",
    source: 'https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html',
  },
];
