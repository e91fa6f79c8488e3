/** `holdfast init --store`: an app that watches an existing store, from what AWS shows of it. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { askAll, canAsk, type Terminal } from '../../confirm.ts';
import { CommandFailure, EXIT } from '../../failure.ts';
import type { Output } from '../../output.ts';
import { awsClientOptions } from '../../proxy.ts';
import { requireRegion } from '../../require-region.ts';
import { readTaken, refuseTaken } from '../refuse-taken.ts';
import { type AppPlace, prepareApp } from '../write-app.ts';
import { askAws } from './ask-aws.ts';
import { openQuestions, withAnswers } from './ask-person.ts';
import { judgeStore } from './judge-store.ts';
import { readNetwork } from './read-network.ts';
import { policyWith, RIGHTS } from './read-rights.ts';
import { readStore } from './read-store.ts';
import { refuseInvalid } from './refuse-invalid.ts';
import { reportInit } from './report-init.ts';
import { storeConfig } from './store-config.ts';
import type { StoreOptions } from './store-options.ts';

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
 * @throws CommandFailure InstallationExists, NoSuchGroup, NotAllowed, NoSuchSubnet, NoSuchSecret, UnusableStore, UnusableSecret,
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
    throw new CommandFailure('NoRegion', `${what}. Nothing was called.`, EXIT.badInput);
  }
  await requireRegion(region);
  const writeApp = await prepareApp(place);
  output.progress(['This reads, and changes nothing in AWS:', ...RIGHTS.map(({ action, why }) => `  ${action}  ${why}`)].join('\n'));
  const clients = (place.clients ?? clientsOf)(region);
  try {
    const unknown = await refuseTaken({ installation: options.installation, region, otherName: id }, (stack) =>
      readTaken(clients.cloudFormation, stack),
    );
    const { store, network } = await readAll(clients, region, options);
    const asks = !output.json && canAsk(place.terminal);
    const decided = asks ? withAnswers(options, await askAll(openQuestions(store, options), place.terminal)) : options;
    refuseInvalid(decided, region);
    const found = storeConfig(store, network, decided);
    if (decided.secret !== undefined) await refuseUnusable(clients.secrets, decided.secret, region);
    const notes = [...unknown, ...found.notes];
    reportInit({ store, region, installation: decided.installation, ...found, notes, written: await writeApp(found.config) }, output);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

function clientsOf(region: string): Clients {
  const options = { region, ...awsClientOptions(process.env) };
  return {
    cloudFormation: new CloudFormationClient(options),
    elastiCache: new ElastiCacheClient(options),
    ec2: new EC2Client(options),
    secrets: new SecretsManagerClient(options),
  };
}

async function readAll({ elastiCache, ec2 }: Clients, region: string, options: InitStoreOptions) {
  const store = await readStore(elastiCache, options.store, region);
  judgeStore(store);
  const network = await readNetwork(ec2, region, [...store.subnetIds, ...(options.subnets ?? [])]);
  return { store, network };
}

/** The functions' roles are allowed to read the secret, and no key of the account's own. */
async function refuseUnusable(secrets: SecretsManagerClient, secretArn: string, region: string): Promise<void> {
  const find = () => secrets.send(new DescribeSecretCommand({ SecretId: secretArn }));
  const { KmsKeyId: key, DeletedDate } = await askAws('secretsmanager:DescribeSecret', find).catch((error: Error) => {
    if (error.name !== 'ResourceNotFoundException') throw error;
    throw new CommandFailure('NoSuchSecret', `There is no secret ${secretArn} in ${region}. Nothing was written.`, EXIT.badInput);
  });
  const why =
    DeletedDate !== undefined
      ? `The secret ${secretArn} is being deleted`
      : key === undefined || key.endsWith('alias/aws/secretsmanager')
        ? undefined
        : `The secret is encrypted with a key of your own, ${key}, which the functions' roles cannot use: encrypt it with aws/secretsmanager, or use auth "iam"`;
  if (why !== undefined) throw new CommandFailure('UnusableSecret', `${why}. Nothing was written.`, EXIT.badInput);
}
