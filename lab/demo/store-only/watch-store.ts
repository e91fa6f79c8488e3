/**
 * `npm start -- --store-only`: Holdfast over a store that another application uses, without a fleet. A leak of keys begins, the alarm fires, the
 * runbook names its cause, the sweep repairs, and the alarm ends. Its figures come from what AWS's calls and Holdfast's commands answer.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { connect, DEFAULT_FLEET } from '../../../cli/cloud.ts';
import type { CloudState } from '../../../cli/cloud-state.ts';
import { initStore } from '../../../cli/installation/existing-store/init-store.ts';
import { type OpenCloud, openStores } from '../../../cli/open-stores.ts';
import { type HoldfastConfig, parseConfig } from '../../../infra/config.ts';
import { readSetup } from '../../../setup/read-setup.mjs';
import { joinLedger } from '../../processes/process-ledger.ts';
import { LOCALSTACK_CDK_LIMIT_MS, setUpEmulator } from '../bring-up.ts';
import { checkPorts } from '../check-start.ts';
import { refuseSecondCloud } from '../claim-checkout.ts';
import { type Daemon, startDaemon } from '../daemon-client.ts';
import { bootstrapAndSynthesize, type CdkOptions, deployStacks } from '../deploy-stacks.ts';
import { SHORT_ALARM_MINUTE_MS } from '../local-settings.ts';
import { recordingOutput } from '../recording-output.ts';
import type { StartOptions } from '../start-options.ts';
import { createOwnersStore, FUNCTIONS_USER, KEY_PREFIX, REPLICATION_GROUP } from './owner-store.ts';
import { type Shop, startShop } from './shop.ts';

export interface Watch {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** A shop with its store in a local cloud, and no Holdfast yet. */
export interface Owner {
  readonly daemon: Daemon;
  readonly shop: Shop;
  readonly realTime: boolean;
  /** Of cdk's commands. @default theirs */
  readonly limitMs?: number;
}

export interface WatchedStore extends Owner {
  readonly cloud: OpenCloud<'store' | 'sweeps' | 'incidents'>;
}

/** On an error everything that was started is stopped. */
export async function startOwner(options: StartOptions, { signal, log }: Watch): Promise<Owner> {
  await refuseSecondCloud();
  await checkPorts(options);
  const { gatewayPort, pagePort, loadBalancerPort, realTime, users } = options;
  const localStack = await setUpEmulator(options);
  log(`starting the local cloud${localStack ? ' with LocalStack' : ''}`);
  const choice = { fleet: DEFAULT_FLEET, realTime, server: {}, ...(realTime ? {} : { alarmMinuteMs: SHORT_ALARM_MINUTE_MS }) };
  const daemon = await startDaemon({ ...choice, gatewayPort, pagePort, loadBalancerPort, ...(localStack && { localStack }) }, signal);
  try {
    const { state } = daemon;
    log(`the shop's owner creates the replication group ${REPLICATION_GROUP}, its users and its network`);
    const store = await createOwnersStore(state, randomBytes(20).toString('hex'), AbortSignal.any([signal, daemon.lost]));
    const { runFolder, caFile } = state;
    const shop = await startShop({ store, caFile, node: readSetup().node, ledger: joinLedger(runFolder), folder: runFolder });
    await shop.login(users);
    log(`${users} users are logged in to the shop`);
    return { daemon, shop, realTime, ...(localStack && { limitMs: LOCALSTACK_CDK_LIMIT_MS }) };
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

/** The cdk commands of this configuration. */
export const cdkOf = ({ daemon: { state, lost }, limitMs }: Owner, config: HoldfastConfig, signal: AbortSignal): CdkOptions => {
  const { runFolder: folder } = state;
  const places = { ledger: joinLedger(folder), folder, node: readSetup().node, cloud: state };
  return { ...places, config, signal: AbortSignal.any([signal, lost]), ...(limitMs !== undefined && { limitMs }) };
};

/** Deploys Holdfast over the owner's store. On an error everything is stopped. */
export async function watchStore(owner: Owner, config: HoldfastConfig, { signal, log }: Watch): Promise<WatchedStore> {
  try {
    const cdk = cdkOf(owner, config, signal);
    log('bootstrapping the account and synthesizing the stacks');
    await bootstrapAndSynthesize(cdk);
    log('deploying all stacks with cdk');
    await deployStacks(cdk);
    return { ...owner, cloud: openStores(await connect({}), 'store', 'sweeps', 'incidents') };
  } catch (error) {
    await owner.daemon.stop();
    throw error;
  }
}

/** What `holdfast init --store` writes, with what a local cloud needs, and with the repair allowed, as a person does after the first report. */
export async function initConfig({ gatewayUrl, credentials, region, runFolder }: CloudState): Promise<HoldfastConfig> {
  const folder = path.join(runFolder, 'watch');
  mkdirSync(folder, { recursive: true });
  const client = { endpoint: gatewayUrl, region, credentials };
  const clients = () => ({
    cloudFormation: new CloudFormationClient(client),
    elastiCache: new ElastiCacheClient(client),
    ec2: new EC2Client(client),
    secrets: new SecretsManagerClient(client),
  });
  const options = {
    store: REPLICATION_GROUP,
    region,
    keyPrefix: KEY_PREFIX,
    auth: 'iam',
    user: FUNCTIONS_USER,
  } as const;
  await initStore(options, recordingOutput().output, { folder, tarball: path.join(folder, 'holdfast.tgz'), clients });
  const written = JSON.parse(readFileSync(path.join(folder, 'holdfast.config.json'), 'utf8')) as object;
  return parseConfig(JSON.stringify({ ...written, credentials: 'cli', sweep: { policy: 'expire' } }), 'what holdfast init has written');
}
