/** `holdfast init --store`: an app that watches an existing store, from what AWS shows of it. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  EC2Client,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
} from '@aws-sdk/client-ec2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { regionalArn } from '../../../functions/shared/aws/partition.ts';
import { holdfast } from '../../../functions/shared/command-options.ts';
import { DEFAULT_INSTALLATION } from '../../../functions/shared/naming.ts';
import { counted } from '../../../functions/shared/texts.ts';
import { unfilledValues } from '../../../infra/config/explain-issue.ts';
import { InvalidConfiguration, parseContent } from '../../../infra/config.ts';
import { askAll, canAsk, type Terminal } from '../../confirm.ts';
import { allOf } from '../../doctor/lookup.ts';
import { badInput } from '../../failure.ts';
import type { Output } from '../../output.ts';
import { awsClientOptions } from '../../proxy.ts';
import { requireRegion } from '../../require-region.ts';
import { subscribeCommand } from '../alarms-topic.ts';
import { readTaken, refuseTaken } from '../refuse-taken.ts';
import { type AppPlace, prepareApp } from '../write-app.ts';
import { openQuestions, withAnswers } from './ask-person.ts';
import type { StoreOptions } from './choose-sign-in.ts';
import type { NetworkFacts } from './find-ways.ts';
import { askAws, policyWith, RIGHTS, readStore } from './read-store.ts';
import { FIRST_REPORT, type StoreConfig, storeConfig } from './store-config.ts';
import type { StoreFacts } from './store-facts.ts';

export interface InitStoreOptions extends StoreOptions {
  /** Id of the replication group. */
  readonly store: string;
  readonly region?: string;
  readonly printPolicy?: boolean;
}

export interface Clients {
  readonly cloudFormation: CloudFormationClient;
  readonly elastiCache: ElastiCacheClient;
  readonly ec2: EC2Client;
  readonly secrets: SecretsManagerClient;
}

export interface InitStorePlace extends AppPlace {
  /** Where a person answers. @default the terminal, if there is one */
  readonly terminal?: Terminal;
  /** @default those of the caller's credentials */
  readonly clients?: (region: string) => Clients;
}

/** For rules that are asked without a Region. */
const ANY_REGION = 'us-east-1';

/**
 * Writes a CDK app that watches a store into the folder. Reads AWS, and changes nothing there.
 * @throws CommandFailure InstallationExists, NoSuchGroup, NotAllowed, NoSuchSecret, UnusableStore, UnusableSecret,
 * InvalidOption, and those of every init
 */
export async function initStore(options: InitStoreOptions, output: Output, place: InitStorePlace = {}): Promise<void> {
  refuseInvalid(options, options.region ?? options.secret?.split(':')[3] ?? ANY_REGION);
  if (options.printPolicy) {
    const policy = policyWith(options);
    output.result(policy, () => JSON.stringify(policy, undefined, 2));
    return;
  }
  const { store: id, region } = options;
  if (region === undefined) {
    const what = `--store ${id} needs --region, the Region of its replication group`;
    throw badInput('NoRegion', `${what}. Nothing was called.`);
  }
  await requireRegion(region);
  const writeApp = await prepareApp(place);
  output.progress(['This reads, and changes nothing in AWS:', ...RIGHTS.map(({ action, why }) => `  ${action}  ${why}`)].join('\n'));
  const clients = (place.clients ?? clientsOf)(region);
  try {
    const unknown = await refuseTaken({ installation: options.installation, region, otherName: id }, (stack) =>
      readTaken(clients.cloudFormation, stack),
    );
    const { store, found } = await decideStore(clients, { ...options, region }, { output, terminal: place.terminal });
    const notes = [...unknown, ...found.notes];
    reportInit({ store, region, installation: options.installation, ...found, notes, written: await writeApp(found.config) }, output);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

interface Asking {
  readonly output: Output;
  readonly terminal: Terminal | undefined;
  /** What follows from the store where no option decides, and the functions' subnets. @default nothing, and those of the store */
  readonly defaults?: (store: StoreFacts) => StoreOptions & { readonly subnets?: readonly string[] };
}

/** Reads a store, and asks a person on a terminal what is open. @throws CommandFailure as {@link initStore} */
export async function decideStore(
  clients: Clients,
  options: InitStoreOptions & { readonly region: string },
  { output, terminal, defaults = () => ({}) }: Asking,
): Promise<{ readonly store: StoreFacts; readonly found: StoreConfig }> {
  const { region } = options;
  refuseInvalid(options, region);
  const store = await readStore(clients.elastiCache, options.store, region);
  judgeStore(store);
  const { subnets = store.subnetIds, ...usual } = defaults(store);
  const given = { ...usual, ...options };
  const network = await readNetwork(clients.ec2, region, [...store.subnetIds, ...subnets]);
  const asks = !output.json && canAsk(terminal);
  const decided = asks ? withAnswers(given, await askAll(openQuestions(store, given), terminal)) : given;
  refuseInvalid(decided, region);
  const found = storeConfig(store, network, decided, subnets);
  if (decided.secret !== undefined) await refuseUnusable(clients.secrets, decided.secret, region);
  return { store, found };
}

export function clientsOf(region: string): Clients {
  const options = { region, ...awsClientOptions(process.env) };
  return {
    cloudFormation: new CloudFormationClient(options),
    elastiCache: new ElastiCacheClient(options),
    ec2: new EC2Client(options),
    secrets: new SecretsManagerClient(options),
  };
}

/** The functions' roles are allowed to read the secret, and no key of the account's own. */
async function refuseUnusable(secrets: SecretsManagerClient, secretArn: string, region: string): Promise<void> {
  const find = () => secrets.send(new DescribeSecretCommand({ SecretId: secretArn }));
  const { KmsKeyId: key, DeletedDate } = await askAws('secretsmanager:DescribeSecret', find).catch((error: Error) => {
    if (error.name !== 'ResourceNotFoundException') throw error;
    throw badInput('NoSuchSecret', `There is no secret ${secretArn} in ${region}. Nothing was written.`);
  });
  const why =
    DeletedDate !== undefined
      ? `The secret ${secretArn} is being deleted`
      : key === undefined || key.endsWith('alias/aws/secretsmanager')
        ? undefined
        : `The secret is encrypted with a key of your own, ${key}, which the functions' roles cannot use: encrypt it with aws/secretsmanager, or use auth "iam"`;
  if (why !== undefined) throw badInput('UnusableSecret', `${why}. Nothing was written.`);
}

/** @throws CommandFailure UnusableStore with the first reason why not */
function judgeStore(store: StoreFacts): void {
  const why = unusable(store);
  if (why !== undefined) throw badInput('UnusableStore', `${why}. Nothing was written.`);
}

function unusable(store: StoreFacts): string | undefined {
  const { id, engine, engineVersion, secondaryOf, networkType, changing, tls, authToken, userGroupId } = store;
  if (store.endpoint === undefined) return `Replication group ${id} has no endpoint: its status is ${store.status}`;
  if (engine !== 'valkey' && engine !== 'redis') return `The engine of ${id} is ${engine}, and Holdfast reads Valkey and Redis OSS`;
  if (engineVersion === '') return `ElastiCache shows no engine version of ${id}`;
  if (secondaryOf !== undefined)
    return `${id} is a secondary of the global datastore ${secondaryOf}, whose nodes take no repair of a sweep: use the Region of its primary`;
  if (networkType === 'ipv6') return `${id} has IPv6 addresses alone, and Holdfast's functions have IPv4 addresses`;
  if (changing.length > 0)
    return `Encryption or sign-in of ${id} is being changed (${changing.join(', ')}), and functions could not follow: try again when the change is applied`;
  if (!tls && (authToken || userGroupId !== undefined))
    return `${id} has users or a token but no encryption in transit, and Holdfast sends no password over an unencrypted connection`;
  if (store.subnetIds.length === 0) return `${id} is in no VPC, and Holdfast's functions are`;
  return undefined;
}

/**
 * Subnets, and what routes and endpoints their VPCs have.
 * @param subnetIds of the store, and of its functions
 * @throws CommandFailure NotAllowed
 */
async function readNetwork(ec2: EC2Client, region: string, subnetIds: readonly string[]): Promise<NetworkFacts> {
  const subnets = await readSubnets(ec2, [...new Set(subnetIds)]);
  const vpcIds = [...new Set(subnets.flatMap(({ VpcId }) => VpcId ?? []))];
  const ofVpcs = { Filters: [{ Name: 'vpc-id', Values: vpcIds }] };
  // The emulators of EC2 ignore some filters, so what they give is filtered once more.
  const inVpcs = ({ VpcId = '' }: { readonly VpcId?: string | undefined }): boolean => vpcIds.includes(VpcId);
  const [routeTables, endpoints] = await Promise.all([
    askAws('ec2:DescribeRouteTables', () => allOf(paginateDescribeRouteTables({ client: ec2 }, ofVpcs), (page) => page.RouteTables)),
    askAws('ec2:DescribeVpcEndpoints', () => allOf(paginateDescribeVpcEndpoints({ client: ec2 }, ofVpcs), (page) => page.VpcEndpoints)),
  ]);
  const own = endpoints.filter(inVpcs);
  const ofEndpoints = own.flatMap(({ Groups = [] }) => Groups.flatMap(({ GroupId }) => GroupId ?? []));
  const groupIds = [...new Set(ofEndpoints)];
  const named = { Filters: [{ Name: 'group-id', Values: groupIds }] };
  const groups =
    groupIds.length === 0
      ? []
      : await askAws('ec2:DescribeSecurityGroups', () =>
          allOf(paginateDescribeSecurityGroups({ client: ec2 }, named), (page) => page.SecurityGroups),
        );
  return {
    region,
    subnets,
    routeTables: routeTables.filter(inVpcs),
    endpoints: own,
    securityGroups: groups.filter(({ GroupId = '' }) => groupIds.includes(GroupId)),
  };
}

async function readSubnets(ec2: EC2Client, ids: readonly string[]): Promise<NetworkFacts['subnets']> {
  if (ids.length === 0) return [];
  const named = { Filters: [{ Name: 'subnet-id', Values: [...ids] }] };
  return askAws('ec2:DescribeSubnets', () => allOf(paginateDescribeSubnets({ client: ec2 }, named), (page) => page.Subnets));
}

/** Of what is open, something that is valid: the rules are asked about the options alone. */
const OPEN = { account: '111122223333', keyPrefix: 'sess:', user: 'holdfast', store: 'sessions' };

/** @throws CommandFailure InvalidOption */
function refuseInvalid(options: StoreOptions, region: string): void {
  const config = {
    region,
    network: { existing: { vpcId: 'vpc-00000000', storeSubnetIds: ['subnet-00000000', 'subnet-00000001'] } },
    store: {
      existing: {
        host: 'store',
        tls: true,
        engine: 'valkey',
        engineVersion: '8.0',
        replicationGroupId: OPEN.store,
        replicas: 0,
        ...signInOf(options, region),
      },
      sessions: [{ keyPrefix: options.keyPrefix ?? OPEN.keyPrefix }],
    },
  };
  refuseProblems(config, 'What the options would write', 'InvalidOption');
}

/** @param code of the failure that a configuration with mistakes is */
export function refuseProblems(config: object, title: string, code: string): void {
  try {
    parseContent(config, title);
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    const [what, ...problems] = error.message.split(/\n +/);
    throw badInput(code, `${what} ${problems.join('; ')}. Nothing was written.`, { cause: error });
  }
}

function signInOf({ auth, user, secret }: StoreOptions, region: string): object {
  const way = auth ?? (secret !== undefined ? 'password' : user !== undefined ? 'iam' : 'none');
  const some = regionalArn('secretsmanager', { region, account: OPEN.account }, 'secret:s');
  const secretArn = secret ?? (way === 'password' ? some : undefined);
  return { auth: way, userName: user ?? (way === 'iam' ? OPEN.user : undefined), secretArn };
}

/** What `holdfast init --store` reports: what it read, what a person decides, and the next commands. */
interface Result extends StoreConfig {
  readonly store: StoreFacts;
  readonly written: readonly string[];
  readonly region: string;
  readonly installation: string | undefined;
}

/** Each with a remark for people. What comes first ends with "init" again, whose report has the rest. */
function nextOf({
  store: { account },
  region,
  installation = DEFAULT_INSTALLATION,
  first,
}: Result): readonly (readonly [string, string])[] {
  if (first) return first.map((command, at) => [command, first[at + 1] ? '' : '    (in an empty folder, after "npm install TARBALL")']);
  return [
    ['npm install', ''],
    ['npx --no cdk deploy --all', '    (before, once per account and Region: npx --no cdk bootstrap)'],
    [FIRST_REPORT, '    (the first report: a dry run, which changes no key)'],
    [
      subscribeCommand({ installation, region, account: account || 'ACCOUNT', awsOptions: `--region ${region}` }),
      '    (alarms reach nobody before)',
    ],
    [holdfast('doctor'), ''],
  ];
}

function reportInit(result: Result, output: Output): void {
  const { store, config, missing, notes, written } = result;
  const { id, engine, engineVersion, shards, replicas, tls, vpcId } = store;
  const commands = nextOf(result);
  const next = commands.map(([command]) => command);
  const shown = { id, engine, engineVersion, shards, replicas, tls, vpcId };
  const decide = decisionsOf(config);
  output.result({ written, store: shown, decide, missing, notes, next }, () => {
    const parts = [`${engine} ${engineVersion}`, counted(shards, 'shard'), counted(replicas, 'replica'), tls ? 'TLS' : 'no TLS', vpcId];
    return [
      `replication group ${id}: ${parts.join(', ')}`,
      ...indented(notes),
      ...afterInit(
        { written, missing, decide },
        commands.map((parts) => parts.join('')),
      ),
    ].join('\n');
  });
}

export const decisionsOf = (config: object) => unfilledValues(config).map(({ path, what }) => ({ key: path, what }));

/** What was written, and what remains to be done. */
export const afterInit = (
  { written, missing, decide }: Pick<Result, 'written' | 'missing'> & { readonly decide: ReturnType<typeof decisionsOf> },
  next: readonly string[],
): readonly string[] => [
  `wrote ${written.join(', ')}`,
  ...(missing.length > 0 ? ['Before it can work:', ...indented(missing)] : []),
  ...(decide.length > 0 ? ['You decide, in holdfast.config.json:', ...indented(decide.map(({ key, what }) => `${key}: ${what}`))] : []),
  'Next:',
  ...indented(next),
];

export const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);
