/** What the dry run's role allows: reads, and the deploy's own check of the store. */
export const DRY_RUN_ALLOWED: readonly string[] = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeLifecycleHooks',
  'cloudwatch:DescribeAlarms',
  // A deploy on record is read by it.
  'dynamodb:BatchGetItem',
  'dynamodb:GetItem',
  'dynamodb:Query',
  'elasticloadbalancing:DescribeTargetGroupAttributes',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'lambda:GetAccountSettings',
  'lambda:InvokeFunction',
  'ssm:DescribeInstanceInformation',
];

/** Calls of the adapters that it shares with the deploy; `Invoke` needs lambda:InvokeFunction. */
export const DRY_RUN_CARRIED: readonly string[] = [
  ...['ResumeProcesses', 'SetInstanceHealth', 'SuspendProcesses', 'RegisterTargets', 'DeregisterTargets', 'ModifyRule', 'Invoke'],
  // Only for a fleet whose deploys wait for sessions.
  ...['DescribeListeners', 'DescribeRules', 'CancelCommand', 'DescribeDocument', 'GetCommandInvocation', 'SendCommand'],
];
