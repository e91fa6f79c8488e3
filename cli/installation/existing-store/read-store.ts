/** Reads a replication group and what belongs to it. Does not connect to the store. */

import {
  type CacheCluster,
  DescribeCacheClustersCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReplicationGroupsCommand,
  DescribeServerlessCachesCommand,
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
  type ElastiCacheClient,
  paginateDescribeCacheClusters,
  paginateDescribeCacheParameters,
  paginateDescribeReplicationGroups,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache';
import { regionalArn } from '../../../functions/shared/aws/partition.ts';
import { didYouMean } from '../../../functions/shared/did-you-mean.ts';
import { within } from '../../../functions/shared/end-at.ts';
import { DEFAULT_INSTALLATION, releasesStackName } from '../../../functions/shared/naming.ts';
import { pagePath } from '../../../infra/own-files.ts';
import { isDenied } from '../../aws-errors.ts';
import { allOf } from '../../doctor/lookup.ts';
import { badInput, CommandFailure, EXIT } from '../../failure.ts';
import { accessOf, type StoreFacts, type StoreNode, type StoreUser } from './store-facts.ts';

/** @throws CommandFailure NoSuchGroup, NotAllowed */
export async function readStore(elastiCache: ElastiCacheClient, id: string, region: string): Promise<StoreFacts> {
  const group = await findGroup(elastiCache, id, region);
  const members = await readMembers(elastiCache, group);
  const [subnetGroup, evictionPolicy, users] = await Promise.all([
    readSubnetGroup(elastiCache, members[0]?.CacheSubnetGroupName),
    readEvictionPolicy(elastiCache, members[0]?.CacheParameterGroup?.CacheParameterGroupName),
    readUsers(elastiCache, group.UserGroupIds?.[0]),
  ]);
  return { ...groupFacts(group, members), ...subnetGroup, evictionPolicy, ...users };
}

async function findGroup(elastiCache: ElastiCacheClient, ReplicationGroupId: string, region: string): Promise<ReplicationGroup> {
  try {
    const find = () => elastiCache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId }));
    const { ReplicationGroups = [] } = await askAws('elasticache:DescribeReplicationGroups', find);
    if (ReplicationGroups[0]) return ReplicationGroups[0];
  } catch (error) {
    if ((error as Error).name !== 'ReplicationGroupNotFoundFault') throw error;
  }
  return refuseUnknown(elastiCache, ReplicationGroupId, region);
}

/** In the group's order. */
async function readMembers(elastiCache: ElastiCacheClient, { MemberClusters = [] }: ReplicationGroup): Promise<readonly CacheCluster[]> {
  const pages = () => paginateDescribeCacheClusters({ client: elastiCache }, { ShowCacheNodeInfo: true });
  const all = await askAws('elasticache:DescribeCacheClusters', () => allOf(pages(), ({ CacheClusters }) => CacheClusters));
  return MemberClusters.flatMap((id) => all.find(({ CacheClusterId }) => CacheClusterId === id) ?? []);
}

async function readSubnetGroup(elastiCache: ElastiCacheClient, name: string | undefined): Promise<Pick<StoreFacts, 'vpcId' | 'subnetIds'>> {
  if (name === undefined) return { vpcId: '', subnetIds: [] };
  const find = () => elastiCache.send(new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: name }));
  const { CacheSubnetGroups: [found] = [] } = await askAws('elasticache:DescribeCacheSubnetGroups', find);
  return { vpcId: found?.VpcId ?? '', subnetIds: (found?.Subnets ?? []).flatMap(({ SubnetIdentifier }) => SubnetIdentifier ?? []) };
}

async function readEvictionPolicy(elastiCache: ElastiCacheClient, name: string | undefined): Promise<string> {
  if (name === undefined) return '';
  const pages = () => paginateDescribeCacheParameters({ client: elastiCache }, { CacheParameterGroupName: name });
  const parameters = await askAws('elasticache:DescribeCacheParameters', () => allOf(pages(), ({ Parameters }) => Parameters));
  return parameters.find(({ ParameterName }) => ParameterName === 'maxmemory-policy')?.ParameterValue ?? '';
}

async function readUsers(
  elastiCache: ElastiCacheClient,
  UserGroupId: string | undefined,
): Promise<Pick<StoreFacts, 'users' | 'userGroupEngine'>> {
  if (UserGroupId === undefined) return { users: [] };
  const find = () => elastiCache.send(new DescribeUserGroupsCommand({ UserGroupId }));
  const { UserGroups: [found] = [] } = await askAws('elasticache:DescribeUserGroups', find);
  const readAll = () => Promise.all((found?.UserIds ?? []).map((id) => readUser(elastiCache, id)));
  return { users: await askAws('elasticache:DescribeUsers', readAll), userGroupEngine: found?.Engine };
}

async function readUser(elastiCache: ElastiCacheClient, UserId: string): Promise<StoreUser> {
  const { Users: [found] = [] } = await elastiCache.send(new DescribeUsersCommand({ UserId }));
  return {
    userName: found?.UserName ?? UserId,
    authentication: found?.Authentication?.Type ?? '',
    ...accessOf(found?.AccessString ?? ''),
  };
}

/** Pending changes after which functions would have to encrypt or to sign in in another way. */
const CHANGES = ['TransitEncryptionEnabled', 'TransitEncryptionMode', 'AuthTokenStatus', 'UserGroups'] as const;

function groupFacts(group: ReplicationGroup, members: readonly CacheCluster[]): Omit<StoreFacts, keyof Read> {
  const { NodeGroups: shards = [], PendingModifiedValues: pending = {}, GlobalReplicationGroupInfo: global } = group;
  const clustered = group.ClusterEnabled === true;
  const endpoint = clustered ? group.ConfigurationEndpoint : shards[0]?.PrimaryEndpoint;
  const replicas = shards.map(({ NodeGroupMembers = [] }) => NodeGroupMembers.length - 1);
  return {
    id: group.ReplicationGroupId ?? '',
    account: group.ARN?.split(':')[4] ?? '',
    status: group.Status ?? '',
    endpoint: nodeAt(endpoint),
    nodes: clustered ? [] : members.flatMap(({ CacheNodes = [] }) => CacheNodes.flatMap(({ Endpoint }) => nodeAt(Endpoint) ?? [])),
    clustered,
    shards: shards.length,
    replicas: Math.max(0, Math.min(...replicas)),
    engine: group.Engine ?? members[0]?.Engine ?? '',
    engineVersion: /^\d+\.\d+/.exec(members[0]?.EngineVersion ?? '')?.[0] ?? '',
    tls: group.TransitEncryptionEnabled === true,
    tlsMode: group.TransitEncryptionMode,
    changing: CHANGES.filter((name) => pending[name] !== undefined),
    networkType: group.NetworkType ?? 'ipv4',
    secondaryOf: global?.GlobalReplicationGroupMemberRole === 'SECONDARY' ? global.GlobalReplicationGroupId : undefined,
    authToken: group.AuthTokenEnabled === true,
    userGroupId: group.UserGroupIds?.[0],
    securityGroupIds: (members[0]?.SecurityGroups ?? []).flatMap(({ SecurityGroupId }) => SecurityGroupId ?? []),
  };
}

/** What calls of their own read. */
type Read = Pick<StoreFacts, 'vpcId' | 'subnetIds' | 'evictionPolicy' | 'users' | 'userGroupEngine'>;

const nodeAt = (found: { readonly Address?: string | undefined; readonly Port?: number | undefined } | undefined): StoreNode | undefined =>
  found?.Address && found.Port ? { host: found.Address, port: found.Port } : undefined;

/** Names of groups that a refusal lists. */
const MAX_LISTED = 10;

/** @throws CommandFailure NoSuchGroup, always */
async function refuseUnknown(elastiCache: ElastiCacheClient, id: string, region: string): Promise<never> {
  const serverless = () => elastiCache.send(new DescribeServerlessCachesCommand({ ServerlessCacheName: id }));
  if (await isThere(() => askAws('elasticache:DescribeServerlessCaches', serverless))) {
    const page = pagePath('docs/watch-a-store.md');
    throw refusal(`${id} in ${region} is a serverless cache and no replication group: ${page} has its configuration, to write by hand`);
  }
  const single = () => elastiCache.send(new DescribeCacheClustersCommand({ CacheClusterId: id }));
  if (await isThere(() => askAws('elasticache:DescribeCacheClusters', single)))
    throw refusal(
      `${id} in ${region} is a single node and no replication group: name the group that it is in, or make it the primary of a new one`,
    );
  const names = await groupsOf(elastiCache);
  const listed = `${names.slice(0, MAX_LISTED).join(', ')}${names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : ''}`;
  const others = names.length === 0 ? ', nor any other for these credentials: check the Region and the account' : `, which has ${listed}`;
  throw refusal(`There is no replication group ${id} in ${region}${others}`, didYouMean(id, names));
}

const refusal = (sentence: string, question = '') => badInput('NoSuchGroup', `${sentence}.${question} Nothing was written.`);

/** False also where it is not known: the refusal then says less. */
const isThere = (find: () => Promise<object>): Promise<boolean> =>
  find().then(
    (found) => Object.values(found).some((value) => Array.isArray(value) && value.length > 0),
    () => false,
  );

async function groupsOf(elastiCache: ElastiCacheClient): Promise<readonly string[]> {
  const pages = () => paginateDescribeReplicationGroups({ client: elastiCache }, {});
  const all = await askAws('elasticache:DescribeReplicationGroups', () => allOf(pages(), ({ ReplicationGroups }) => ReplicationGroups));
  return all.flatMap(({ ReplicationGroupId }) => ReplicationGroupId ?? []);
}

/** One question to AWS: it ends in time, and what AWS refuses is a sentence. */

/** Of one question, its pages and its repeated calls. */
const LIMIT_MS = 20_000;

/**
 * @param action the permission that it needs: `ec2:DescribeSubnets`
 * @throws CommandFailure NotAllowed; what AWS answers; an error TimeoutError after 20 s
 */
export async function askAws<T>(action: string, work: () => Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  const late = () => Object.assign(new Error(`no answer to ${action} within ${limitMs / 1000} s`), { name: 'TimeoutError' });
  try {
    return await within(work(), limitMs, late);
  } catch (thrown) {
    if (!(thrown instanceof Error) || !isDenied(thrown)) throw thrown;
    throw new CommandFailure(
      'NotAllowed',
      `The credentials do not allow ${action}, which "init" reads with; add --print-policy for a policy with all that it needs. Nothing was written.`,
      EXIT.noCloud,
      { cause: thrown },
    );
  }
}

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

/** AWS's own: it takes any script. */
export const SCRIPT_DOCUMENT = 'AWS-RunShellScript';

interface PolicyScope {
  /** @default those of a store */
  readonly rights?: readonly Right[];
  /** The only secret that it covers; without one it covers none. */
  readonly secret?: string | undefined;
  readonly region?: string | undefined;
  readonly installation?: string | undefined;
}

/**
 * An identity policy with these rights. EC2 knows no narrower resource for its own; those of ElastiCache are found by each other, so their
 * names are not known before. Of stacks it covers the one that is looked for: others can have outputs that are nobody's business.
 */
export function policyWith({ rights = RIGHTS, secret, region = '*', installation = DEFAULT_INSTALLATION }: PolicyScope): object {
  const actions = [...new Set(rights.map(({ action }) => action))];
  const arn = (service: string, account: string, resource: string) => regionalArn(service, { region, account }, resource);
  const narrow = [
    {
      Sid: 'RunAScriptOnTheServers',
      Action: 'ssm:SendCommand',
      Resource: [arn('ec2', '*', 'instance/*'), arn('ssm', '*', 'managed-instance/*'), arn('ssm', '', `document/${SCRIPT_DOCUMENT}`)],
    },
    { Sid: 'ReadTheKeyOfItsSecret', Action: 'secretsmanager:DescribeSecret', Resource: secret },
    {
      Sid: 'FindAnInstallationOfThisName',
      Action: 'cloudformation:DescribeStacks',
      Resource: arn('cloudformation', '*', `stack/${releasesStackName(installation)}/*`),
    },
  ];
  const statements = [
    { Sid: 'Read', Action: actions.filter((action) => !narrow.some(({ Action }) => Action === action)), Resource: '*' },
    ...narrow
      .filter(({ Action, Resource }) => Resource !== undefined && actions.includes(Action))
      .map((one) => ({ ...one, Action: [one.Action] })),
  ];
  return { Version: '2012-10-17', Statement: statements.map(({ Sid, ...rest }) => ({ Sid, Effect: 'Allow', ...rest })) };
}
