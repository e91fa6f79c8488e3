/** The store of somebody who has no Holdfast: network, users and replication group, made by a stack of theirs, and an application that uses it. */
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { DescribeReplicationGroupsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import type { CloudState } from '../../../cli/cloud-state.ts';
import { functionsAccess } from '../../../infra/constructs/store/access-strings.ts';

export const REPLICATION_GROUP = 'shop-sessions';
/** Of Holdfast's functions: their owner has made it, as docs describe. */
export const FUNCTIONS_USER = 'holdfast';
export const KEY_PREFIX = 'sess:';

const STACK = 'shop';
const APPLICATION_USER = 'shop';
const LIMIT_SECONDS = 120;

/** What the application signs in with. */
export interface StoreSignIn {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** @param password of the application, 16 characters or more */
export async function createOwnersStore(
  { gatewayUrl: endpoint, region, credentials }: CloudState,
  password: string,
  abortSignal: AbortSignal,
): Promise<StoreSignIn> {
  const client = { endpoint, region, credentials };
  const [cloudFormation, elastiCache] = [new CloudFormationClient(client), new ElastiCacheClient(client)];
  try {
    const Parameters = [{ ParameterKey: 'Password', ParameterValue: password }];
    const create = new CreateStackCommand({ StackName: STACK, TemplateBody: JSON.stringify(templateOf(region)), Parameters });
    await cloudFormation.send(create, { abortSignal });
    const wait = { client: cloudFormation, maxWaitTime: LIMIT_SECONDS, minDelay: 0.3, maxDelay: 0.3, abortSignal };
    await waitUntilStackCreateComplete(wait, { StackName: STACK });
    const describe = new DescribeReplicationGroupsCommand({ ReplicationGroupId: REPLICATION_GROUP });
    const { ReplicationGroups } = await elastiCache.send(describe, { abortSignal });
    const { Address, Port } = ReplicationGroups?.[0]?.NodeGroups?.[0]?.PrimaryEndpoint ?? {};
    if (Address === undefined || Port === undefined) throw new Error(`the replication group ${REPLICATION_GROUP} has no endpoint`);
    return { host: Address, port: Port, user: APPLICATION_USER, password };
  } finally {
    cloudFormation.destroy();
    elastiCache.destroy();
  }
}

function templateOf(region: string): object {
  const ref = (Ref: string) => ({ Ref });
  const resource = (Type: string, Properties: object) => ({ Type: `AWS::${Type}`, Properties });
  const subnet = (zone: string, CidrBlock: string) =>
    resource('EC2::Subnet', { VpcId: ref('Vpc'), CidrBlock, AvailabilityZone: `${region}${zone}` });
  const routed = (name: string) => resource('EC2::SubnetRouteTableAssociation', { RouteTableId: ref('Table'), SubnetId: ref(name) });
  const endpoint = (service: string) =>
    resource('EC2::VPCEndpoint', {
      ...{ VpcId: ref('Vpc'), ServiceName: `com.amazonaws.${region}.${service}`, RouteTableIds: [ref('Table')] },
    });
  const withPassword = { Type: 'password', Passwords: [ref('Password')] };
  const user = (UserId: string, more: object, UserName = UserId) =>
    resource('ElastiCache::User', { UserId, UserName, Engine: 'valkey', ...more });
  return {
    Parameters: { Password: { Type: 'String', NoEcho: true } },
    Resources: {
      Vpc: resource('EC2::VPC', { CidrBlock: '10.7.0.0/16' }),
      A: subnet('a', '10.7.1.0/24'),
      B: subnet('b', '10.7.2.0/24'),
      Table: resource('EC2::RouteTable', { VpcId: ref('Vpc') }),
      OfA: routed('A'),
      OfB: routed('B'),
      ToDynamo: endpoint('dynamodb'),
      ToS3: endpoint('s3'),
      Group: resource('EC2::SecurityGroup', { GroupDescription: 'Sessions of the shop', VpcId: ref('Vpc') }),
      Nets: resource('ElastiCache::SubnetGroup', { Description: 'Sessions of the shop', SubnetIds: [ref('A'), ref('B')] }),
      Nobody: user('shop-default', { AccessString: 'off -@all', AuthenticationMode: withPassword }, 'default'),
      Application: user(APPLICATION_USER, {
        AccessString: `on ~${KEY_PREFIX}* resetchannels -@all +@read +@write +@connection -@dangerous`,
        AuthenticationMode: withPassword,
      }),
      Functions: user(FUNCTIONS_USER, {
        AccessString: functionsAccess({ engine: 'valkey', engineVersion: '8.0', clustered: false }, KEY_PREFIX),
        AuthenticationMode: { Type: 'iam' },
      }),
      Users: resource('ElastiCache::UserGroup', {
        ...{ UserGroupId: 'shop', Engine: 'valkey', UserIds: [ref('Nobody'), ref('Application'), ref('Functions')] },
      }),
      Store: resource('ElastiCache::ReplicationGroup', {
        ReplicationGroupId: REPLICATION_GROUP,
        ReplicationGroupDescription: 'Sessions of the shop',
        Engine: 'valkey',
        CacheNodeType: 'cache.t4g.small',
        NumCacheClusters: 2,
        AutomaticFailoverEnabled: true,
        TransitEncryptionEnabled: true,
        CacheSubnetGroupName: ref('Nets'),
        SecurityGroupIds: [ref('Group')],
        UserGroupIds: [ref('Users')],
      }),
    },
  };
}
