/** ARN of a managed node: EC2 instances have EC2's, machines on premises Systems Manager's. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html#awssystemsmanager-resources-for-iam-policies */
export const nodeArn = ({ region, accountId }: Place, nodeId: string): string =>
  nodeId.startsWith('mi-')
    ? `arn:aws:ssm:${region}:${accountId}:managed-instance/${nodeId}`
    : `arn:aws:ec2:${region}:${accountId}:instance/${nodeId}`;
