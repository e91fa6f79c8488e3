/** What `holdfast init --store` may have to read: nothing that changes anything, connects to the store, or shows a session. */
import { regionalArn } from '../../../functions/shared/aws/partition.ts';
import { DEFAULT_INSTALLATION, releasesStackName } from '../../../functions/shared/naming.ts';

export interface Right {
  readonly action: string;
  /** What it is read for: the rest of a line. */
  readonly why: string;
}

export const RIGHTS: readonly Right[] = [
  { action: 'cloudformation:DescribeStacks', why: "whether the installation's name is taken: a deployment would replace the other one" },
  { action: 'elasticache:DescribeReplicationGroups', why: 'the group: its endpoint, its encryption, how clients sign in' },
  { action: 'elasticache:DescribeCacheClusters', why: 'its nodes: engine, endpoints, security groups' },
  { action: 'elasticache:DescribeCacheSubnetGroups', why: 'its VPC and subnets' },
  { action: 'elasticache:DescribeCacheParameters', why: 'what it evicts when its memory is full' },
  { action: 'elasticache:DescribeUserGroups', why: 'its users, if it has any' },
  { action: 'elasticache:DescribeUsers', why: 'which of them sign in by IAM, and which by a password' },
  { action: 'elasticache:DescribeServerlessCaches', why: 'whether a name that is no group is a serverless cache' },
  { action: 'ec2:DescribeSubnets', why: 'the zones and addresses of the subnets' },
  { action: 'ec2:DescribeRouteTables', why: 'the way from there to DynamoDB, S3, Secrets Manager and the store' },
  { action: 'ec2:DescribeVpcEndpoints', why: 'the same' },
  { action: 'ec2:DescribeSecurityGroups', why: 'the rules of the endpoints' },
  { action: 'secretsmanager:DescribeSecret', why: 'with --secret: which key encrypts it; not its value' },
];

/** What a policy is for. */
interface PolicyScope {
  /** The only secret that it covers; without one it covers none. */
  readonly secret?: string | undefined;
  readonly region?: string | undefined;
  readonly installation?: string | undefined;
}

/**
 * An identity policy with these rights. EC2 knows no narrower resource for its own; those of ElastiCache are found by each other, so their
 * names are not known before. Of stacks it covers the one that is looked for: others can have outputs that are nobody's business.
 */
export function policyWith({ secret, region = '*', installation = DEFAULT_INSTALLATION }: PolicyScope): object {
  const actions = RIGHTS.map(({ action }) => action);
  const of = (service: string) => actions.filter((action) => action.startsWith(`${service}:`));
  const statement = (Sid: string, Action: readonly string[], Resource: string) => ({ Sid, Effect: 'Allow', Action, Resource });
  const stack = regionalArn('cloudformation', { region, account: '*' }, `stack/${releasesStackName(installation)}/*`);
  return {
    Version: '2012-10-17',
    Statement: [
      statement('ReadTheStore', [...of('elasticache'), ...of('ec2')], '*'),
      ...(secret === undefined ? [] : [statement('ReadTheKeyOfItsSecret', of('secretsmanager'), secret)]),
      statement('FindAnInstallationOfThisName', of('cloudformation'), stack),
    ],
  };
}
