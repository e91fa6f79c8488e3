/** `holdfast init --store`: an app that watches an existing store, from what AWS shows of it. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { askAll, canAsk, type Terminal } from '../../confirm.ts';
import { CommandFailure, EXIT } from '../../failure.ts';
import type { Output } from '../../output.ts';
import { awsClientOptions } from '../../proxy.ts';
import { requireRegion } from '../../require-region.ts';
import { type AppPlace, prepareApp } from '../write-app.ts';
import { askAws } from './ask-aws.ts';
import { openQuestions, withAnswers } from './ask-person.ts';
import { judgeStore } from './judge-store.ts';
import { readNetwork } from './read-network.ts';
import { policyWith, RIGHTS } from './read-rights.ts';
import { readStore } from './read-store.ts';
import { reportInit } from './report-init.ts';
import { type StoreOptions, storeConfig } from './store-config.ts';

export interface InitStoreOptions extends StoreOptions {
  /** Id of the replication group. */
  readonly store: string;
  readonly region?: string;
  readonly printPolicy?: boolean;
}

export interface Clients {
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

/**
 * Writes a CDK app that watches a store into the folder. Reads AWS, and changes nothing there.
 * @throws CommandFailure NoSuchGroup, NotAllowed, NoSuchSubnet, UnusableStore, UnusableSecret, InvalidOption, and those of every init
 */
export async function initStore(options: InitStoreOptions, output: Output, place: InitStorePlace = {}): Promise<void> {
  if (options.printPolicy) {
    const policy = policyWith(options.secret);
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
    const { store, network } = await readAll(clients, region, options);
    const asks = !output.json && canAsk(place.terminal);
    const decided = asks ? withAnswers(options, await askAll(openQuestions(store, options), place.terminal)) : options;
    if (decided.secret !== undefined) await refuseOwnKey(clients.secrets, decided.secret);
    const found = storeConfig(store, network, decided);
    reportInit({ store, region, installation: decided.installation, ...found, written: await writeApp(found.config) }, output);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

function clientsOf(region: string): Clients {
  const options = { region, ...awsClientOptions(process.env) };
  return { elastiCache: new ElastiCacheClient(options), ec2: new EC2Client(options), secrets: new SecretsManagerClient(options) };
}

async function readAll({ elastiCache, ec2 }: Clients, region: string, options: InitStoreOptions) {
  const store = await readStore(elastiCache, options.store, region);
  judgeStore(store);
  const network = await readNetwork(ec2, region, [...store.subnetIds, ...(options.subnets ?? [])]);
  return { store, network };
}

/** The functions' roles are allowed to read the secret, and no key of the account's own. */
async function refuseOwnKey(secrets: SecretsManagerClient, secretArn: string): Promise<void> {
  const find = () => secrets.send(new DescribeSecretCommand({ SecretId: secretArn }));
  const { KmsKeyId: key } = await askAws('secretsmanager:DescribeSecret', find);
  if (key === undefined || key.endsWith('alias/aws/secretsmanager')) return;
  throw new CommandFailure(
    'UnusableSecret',
    `The secret is encrypted with a key of your own, ${key}, which the functions' roles cannot use: encrypt it with aws/secretsmanager, or use auth "iam". Nothing was written.`,
    EXIT.badInput,
  );
}
