/** AWS as `init --store` meets it: clients that answer from a table, in the shapes of the API. */
import path from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clients } from '../../../../cli/installation/existing-store/init-store.ts';

/** By operation; an Error is thrown. */
export type Answers = Readonly<Record<string, object | ((input: Readonly<Record<string, unknown>>) => object)>>;

export const refusal = (name: string, message = name): Error => Object.assign(new Error(message), { name });

const cluster = (id: string) => ({
  CacheClusterId: id,
  Engine: 'valkey',
  EngineVersion: '8.0.1',
  CacheParameterGroup: { CacheParameterGroupName: 'shop-valkey8' },
  CacheSubnetGroupName: 'shop',
  SecurityGroups: [{ SecurityGroupId: 'sg-0123456789abcdef0', Status: 'active' }],
  CacheNodes: [{ CacheNodeId: '0001', Endpoint: { Address: `${id}.shop.abc.euw1.cache.amazonaws.com`, Port: 6379 } }],
});

/** A group of two nodes with TLS, RBAC and gateway endpoints, as teams have them. */
export const GROUP = {
  ReplicationGroupId: 'shop',
  Status: 'available',
  PendingModifiedValues: {},
  MemberClusters: ['shop-001', 'shop-002'],
  NodeGroups: [
    {
      NodeGroupId: '0001',
      PrimaryEndpoint: { Address: 'master.shop.abc.euw1.cache.amazonaws.com', Port: 6379 },
      ReaderEndpoint: { Address: 'replica.shop.abc.euw1.cache.amazonaws.com', Port: 6379 },
      NodeGroupMembers: [{ CacheClusterId: 'shop-001' }, { CacheClusterId: 'shop-002' }],
    },
  ],
  ClusterEnabled: false,
  AuthTokenEnabled: false,
  TransitEncryptionEnabled: true,
  TransitEncryptionMode: 'required',
  ARN: 'arn:aws:elasticache:eu-west-1:111122223333:replicationgroup:shop',
  UserGroupIds: ['shop-users'],
  NetworkType: 'ipv4',
  Engine: 'valkey',
};

const USERS: Readonly<Record<string, object>> = {
  'shop-default': { UserName: 'default', AccessString: 'off -@all', Authentication: { Type: 'password' } },
  'shop-app': { UserName: 'app', AccessString: 'on ~sess:* +@all', Authentication: { Type: 'password', PasswordCount: 1 } },
  'shop-watch': { UserName: 'shop-watch', AccessString: 'on %R~* +info', Authentication: { Type: 'iam' } },
};

const SUBNETS = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'];
const endpointTo = (service: string) => ({
  VpcEndpointId: `vpce-${service}`,
  VpcId: 'vpc-0123456789abcdef0',
  VpcEndpointType: 'Gateway',
  ServiceName: `com.amazonaws.eu-west-1.${service}`,
  State: 'available',
  RouteTableIds: ['rtb-1'],
});

const USUAL: Answers = {
  DescribeStacks: refusal('ValidationError', 'Stack with id holdfast-releases does not exist'),
  DescribeReplicationGroups: { ReplicationGroups: [GROUP] },
  DescribeCacheClusters: { CacheClusters: [cluster('shop-001'), cluster('other-001'), cluster('shop-002')] },
  DescribeCacheSubnetGroups: {
    CacheSubnetGroups: [{ VpcId: 'vpc-0123456789abcdef0', Subnets: SUBNETS.map((SubnetIdentifier) => ({ SubnetIdentifier })) }],
  },
  DescribeCacheParameters: { Parameters: [{ ParameterName: 'maxmemory-policy', ParameterValue: 'volatile-lru' }] },
  DescribeUserGroups: { UserGroups: [{ UserGroupId: 'shop-users', UserIds: Object.keys(USERS) }] },
  DescribeUsers: ({ UserId }) => ({ Users: [USERS[UserId as string]] }),
  DescribeServerlessCaches: refusal('ServerlessCacheNotFoundFault'),
  DescribeSubnets: {
    Subnets: SUBNETS.map((SubnetId, at) => ({ SubnetId, VpcId: 'vpc-0123456789abcdef0', CidrBlock: `10.0.${at}.0/24` })),
  },
  DescribeRouteTables: {
    RouteTables: [{ RouteTableId: 'rtb-1', VpcId: 'vpc-0123456789abcdef0', Associations: [{ Main: true }], Routes: [] }],
  },
  DescribeVpcEndpoints: { VpcEndpoints: [endpointTo('dynamodb'), endpointTo('s3')] },
  DescribeSecurityGroups: { SecurityGroups: [] },
  DescribeSecret: { KmsKeyId: undefined },
};

/** Makes clients answer. @param asked gets the name of each operation */
export function answeringBy(answers: Answers, asked: string[]): <T extends object>(client: T) => T {
  const send = async (command: { readonly constructor: { readonly name: string }; readonly input: Readonly<Record<string, unknown>> }) => {
    const operation = command.constructor.name.replace(/Command$/, '');
    asked.push(operation);
    const answer = answers[operation] ?? USUAL[operation];
    const given = typeof answer === 'function' ? answer(command.input) : answer;
    if (given === undefined) throw new Error(`no answer to ${operation}`);
    if (given instanceof Error) throw given;
    return given;
  };
  return (client) => Object.assign(client, { send });
}

export function clientsWith(answers: Answers = {}, asked: string[] = []): () => Clients {
  const answering = answeringBy(answers, asked);
  const options = { region: 'eu-west-1' };
  return () => ({
    cloudFormation: answering(new CloudFormationClient(options)),
    elastiCache: answering(new ElastiCacheClient(options)),
    ec2: answering(new EC2Client(options)),
    secrets: answering(new SecretsManagerClient(options)),
  });
}

/** The usual group with something else. */
export const groupWith = (more: object): Answers => ({ DescribeReplicationGroups: { ReplicationGroups: [{ ...GROUP, ...more }] } });

/** Where `init` runs: a folder, the package's tarball next to it, and AWS that answers so. */
export const placeIn = (folder: string, answers: Answers, asked: string[]) => ({
  folder,
  tarball: path.join(folder, '../holdfast-0.1.0.tgz'),
  clients: clientsWith(answers, asked),
});
