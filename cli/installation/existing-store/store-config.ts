/** The configuration that `holdfast init --store` writes: what was read, and marks where a person decides. Pure. */
import type { Subnet } from '@aws-sdk/client-ec2';
import { holdfast } from '../../../functions/shared/command-options.ts';
import { FILL_IN } from '../../../infra/config/explain-issue.ts';
import { functionsAccess } from '../../../infra/constructs/store/access-strings.ts';
import { pagePath } from '../../../infra/own-files.ts';
import { badInput } from '../../failure.ts';
import { chooseSignIn, decidedAuth, fittingUsers, hasIam, possibleAuths, type StoreOptions } from './choose-sign-in.ts';
import { type CalledService, isRoutedToStore, type NetworkFacts, tableOf, wayToService } from './find-ways.ts';
import type { StoreFacts } from './store-facts.ts';

/** What to do outside the file before a function can work (`missing`), and what is as it is, and worth knowing (`notes`), as sentences. */
export type StoreConfig = ReturnType<typeof storeConfig>;

/** In the folder of the written configuration, which names Region and installation. */
export const FIRST_REPORT = holdfast('sweep --learn');

/** A collector's list of nodes has room for as many. */
const MAX_NODES = 6;

/**
 * Sweep, collector, incidents and, once there is a fleet, deploys have a security group each. In each subnet Lambda makes a network
 * interface for each combination of groups, and a deployment fails where an address is missing.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
const ADDRESSES = 4;

/** @param subnetIds from which the functions' are chosen. @throws CommandFailure UnusableStore, InvalidOption */
export function storeConfig(store: StoreFacts, network: NetworkFacts, options: StoreOptions, subnetIds: readonly string[]) {
  const { host, port } = store.endpoint as NonNullable<StoreFacts['endpoint']>;
  const user = missingUser(store, network.region, options);
  const signIn = chooseSignIn(store, { ...options, ...(user && { auth: user.auth }) });
  const { subnets, missing, unseen } = chooseSubnets(store, network, subnetIds, !['none', 'iam'].includes(signIn.auth));
  const nodes = store.nodes.map((node) => (node.port === port ? { host: node.host } : node));
  const existing = {
    host,
    ...(nodes.length > 0 && nodes.length <= MAX_NODES && { nodes }),
    port,
    tls: store.tls,
    auth: signIn.auth,
    engine: store.engine,
    engineVersion: store.engineVersion,
    replicationGroupId: store.id,
    ...(signIn.userName !== undefined && { userName: signIn.userName }),
    ...(signIn.secretArn !== undefined && { secretArn: signIn.secretArn }),
    ...(store.securityGroupIds[0] !== undefined && { securityGroupId: store.securityGroupIds[0] }),
    replicas: store.replicas,
  };
  return {
    config: {
      $schema: './node_modules/holdfast/holdfast.schema.json',
      ...(options.installation !== undefined && { installation: options.installation }),
      ...(store.account !== '' && { account: store.account }),
      region: network.region,
      network: { existing: { vpcId: subnets[0]?.VpcId, storeSubnetIds: subnets.map(({ SubnetId }) => SubnetId) } },
      store: { existing, sessions: [{ keyPrefix: options.keyPrefix ?? UNKNOWN_PREFIX }] },
      // Schedules start with the deployment: a person sees the first report before a sweep changes a key.
      sweep: { policy: 'report' },
    },
    missing: [...(user === undefined ? [] : [user.missing]), ...missing],
    /** Commands that come first, and end with this one again: the functions have no user yet. */
    first: user?.next,
    /** The user that these commands create. */
    newUser: user?.name,
    notes: [...notesOn(store), ...unseen],
  };
}

const UNKNOWN_PREFIX = `${FILL_IN}what the keys of its sessions begin with, such as sess: of connect-redis. Not known? Write sess:, deploy, and "${FIRST_REPORT}", which changes nothing, lists what the keys begin with`;

/** Of these subnets those with room for functions that reach what they call, if they are two; a configuration needs two. */
function chooseSubnets(
  store: StoreFacts,
  network: NetworkFacts,
  subnetIds: readonly string[],
  readsSecret: boolean,
): { readonly subnets: readonly Subnet[]; readonly missing: readonly string[]; readonly unseen: readonly string[] } {
  const byId = (ids: readonly string[]) => ids.flatMap((id) => network.subnets.find(({ SubnetId }) => SubnetId === id) ?? []);
  const ofStore = byId(store.subnetIds);
  const candidates = byId(subnetIds);
  if (candidates.length < 2)
    throw unusable(
      `${store.id} has one subnet and the functions need two, in two zones: ${pagePath('docs/watch-a-store.md')} has a configuration to write by hand`,
    );
  const reaching = candidates.filter((subnet) => isRoutedToStore(network, subnet, ofStore));
  if (reaching.length < candidates.length) {
    const without = candidates.filter((subnet) => !reaching.includes(subnet)).map(({ SubnetId }) => SubnetId);
    throw unusable(`From ${without.join(', ')} no route leads to the subnets of ${store.id}, which are in ${store.vpcId}`);
  }
  const needed: readonly CalledService[] = readsSecret ? ['dynamodb', 's3', 'secretsmanager'] : ['dynamodb', 's3'];
  const roomy = atLeastTwo(candidates, (subnet) => !isFull(subnet));
  const subnets = atLeastTwo(roomy, (subnet) => needed.every((service) => wayToService(network, subnet, service).open));
  return {
    subnets,
    missing: [
      ...missingAddresses(subnets),
      ...needed.flatMap((service) => missingWay(network, subnets, service, possibleAuths(store).includes('iam'))),
    ],
    unseen: needed.flatMap((service) => unseenWay(network, subnets, service)),
  };
}

/** Those that fit, or all where fewer than two do. */
function atLeastTwo(subnets: readonly Subnet[], fits: (subnet: Subnet) => boolean): readonly Subnet[] {
  const fitting = subnets.filter(fits);
  return fitting.length >= 2 ? fitting : subnets;
}

const isFull = ({ AvailableIpAddressCount: free }: Subnet): boolean => free !== undefined && free < ADDRESSES;

function missingAddresses(subnets: readonly Subnet[]): readonly string[] {
  const full = subnets.filter(isFull);
  if (full.length === 0) return [];
  const counts = full.map(({ SubnetId, AvailableIpAddressCount: free }) => `${SubnetId} has ${free}`).join(', ');
  return [
    `The functions need ${ADDRESSES} free addresses in each of their subnets, and ${counts}: free some, or name others in network.existing.storeSubnetIds.`,
  ];
}

const unusable = (sentence: string) => badInput('UnusableStore', `${sentence}. Nothing was written.`);

const TITLES: Readonly<Record<CalledService, string>> = { dynamodb: 'DynamoDB', s3: 'S3', secretsmanager: 'Secrets Manager' };

/** A team's network can have its one way out in another account. */
function unseenWay(network: NetworkFacts, subnets: readonly Subnet[], service: CalledService): readonly string[] {
  const ways = new Set(subnets.map((subnet) => wayToService(network, subnet, service)).flatMap(({ unseen, by }) => (unseen ? by : [])));
  return [...ways].map(
    (by) =>
      `${TITLES[service]} is reached through ${by}. What is behind it cannot be read from here: make sure that it leads on to ${TITLES[service]}.`,
  );
}

function missingWay(network: NetworkFacts, subnets: readonly Subnet[], service: CalledService, offersIam: boolean): readonly string[] {
  const shut = subnets.filter((subnet) => !wayToService(network, subnet, service).open);
  const [first] = shut;
  if (first === undefined) return [];
  const from = shut.map(({ SubnetId }) => SubnetId).join(', ');
  const { by, shutBy } = wayToService(network, first, service);
  const { region } = network;
  const rule = (group: string) =>
    `let these subnets in: aws ec2 authorize-security-group-ingress --region ${region} --group-id ${quoted(group)} --ip-permissions ${quoted(JSON.stringify(admission(shut)))}`;
  const remedy =
    shutBy !== undefined
      ? rule(shutBy)
      : service === 'secretsmanager'
        ? `create an interface endpoint with private DNS, or add NAT${offersIam ? ', or use auth "iam", which needs no secret' : ''}`
        : `create its gateway endpoint, which is free, for the route tables of these subnets: aws ec2 create-vpc-endpoint --region ${region} --vpc-id ${quoted(`${subnets[0]?.VpcId}`)} --service-name com.amazonaws.${region}.${service} --route-table-ids ${tableIds(network, shut)}`;
  return [`From ${from} no way leads to ${TITLES[service]} (${by}): ${remedy}.`];
}

const admission = (subnets: readonly Subnet[]): readonly object[] => [
  { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: subnets.map(({ CidrBlock }) => ({ CidrIp: CidrBlock })) },
];

/** `rtb-1 rtb-2` */
const tableIds = (network: NetworkFacts, subnets: readonly Subnet[]): string =>
  [...new Set(subnets.flatMap((subnet) => tableOf(network, subnet)?.RouteTableId ?? []))].join(' ');

function notesOn({ id, status, shards, replicas, tls, tlsMode, authToken, userGroupId, evictionPolicy }: StoreFacts): readonly string[] {
  return [
    ...(status === 'available' ? [] : [`${id} is ${status}.`]),
    ...(shards > 1 ? [`${id} has ${shards} shards: sweeps and the collector go through each.`] : []),
    ...(replicas === 0 ? [`${id} has no replica: sweeps read its primary.`] : []),
    ...(tls ? [] : [`Connections to ${id} are not encrypted.`]),
    ...(tlsMode === 'preferred' ? [`${id} also lets in clients without TLS; the functions use TLS.`] : []),
    ...(authToken || userGroupId !== undefined
      ? []
      : [`Anyone who reaches ${id} can read every session: it has neither users nor a token.`]),
    ...(evictionPolicy.startsWith('allkeys') ? [`Eviction policy ${evictionPolicy}: a full store evicts any key.`] : []),
    ...(evictionPolicy === 'noeviction' ? ['Eviction policy noeviction: a full store refuses every login.'] : []),
  ];
}

/** The commands that make a user for Holdfast's functions, where none could be theirs. Pure. */
interface MissingUser {
  readonly missing: string;
  /** Commands: create the user, add it to the group, begin again with the options that were given. */
  readonly next: readonly [string, string, string];
  /** How it signs in. */
  readonly auth: 'iam' | 'password';
  readonly name: string;
}

/** In the place of a prefix that is not decided. */
const PREFIX = 'PREFIX';

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html id and name of a user with IAM are the same */
function missingUser(store: StoreFacts, region: string, options: StoreOptions): MissingUser | undefined {
  const { users, userGroupId, userGroupEngine: engine = store.engine } = store;
  const { user, keyPrefix = PREFIX } = options;
  const auth = decidedAuth(store, options);
  // A way that a person has asked for is theirs; the only one of the other users is none that a new one needs.
  const asked = options.auth ?? (options.secret === undefined ? undefined : 'password');
  if (userGroupId === undefined || user !== undefined || auth === 'none' || fittingUsers(store, asked).length > 0) return undefined;
  const way = asked !== 'password' && hasIam(store) ? 'iam' : 'password';
  const name = users.some(({ userName }) => userName === 'holdfast') ? 'holdfast-functions' : 'holdfast';
  const mode = way === 'iam' ? 'Type=iam' : 'Type=password,Passwords=PASSWORD';
  const open = [
    ...(keyPrefix === PREFIX ? ['what the keys of the sessions begin with in the place of PREFIX'] : []),
    ...(way === 'password' ? ['the password of its secret in the place of PASSWORD'] : []),
  ];
  const where = open.length === 0 ? '' : `, with ${open.join(' and ')}`;
  return {
    auth: way,
    name,
    missing: `${userGroupId} has no user that could be that of Holdfast's functions, which scan and read every key: create one with the next commands${where}.`,
    next: [
      `aws elasticache create-user --region ${region} --engine ${engine} --user-id ${name} --user-name ${name} --authentication-mode ${mode} --access-string ${quoted(functionsAccess(store, keyPrefix))}`,
      `aws elasticache modify-user-group --region ${region} --user-group-id ${quoted(userGroupId)} --user-ids-to-add ${name}`,
      initAgain(store.id, region, { ...options, keyPrefix, auth: way, user: name }),
    ],
  };
}

function initAgain(store: string, region: string, options: StoreOptions): string {
  const { installation, keyPrefix, auth, user, secret } = options;
  const given = { store, region, installation, 'key-prefix': keyPrefix, auth, user, secret };
  const words = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quoted(value)}`]));
  return [holdfast('init'), ...words].join(' ');
}

/** A prefix can have braces, quotes and `#`, which shells read. */
export const quoted = (value: string): string => (/^[\w:.,/@-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);
