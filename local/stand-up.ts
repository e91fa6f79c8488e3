/** From nothing to a fleet that serves: the local cloud, its stacks, a first release, healthy targets. */
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Cloud, connect } from '../cli/cloud.ts';
import { publishRelease } from '../cli/release/publish-release.ts';
import { readContract } from '../cli/release/read-contract.ts';
import { s3Objects } from '../cli/release/s3-objects.ts';
import type { AppContract } from '../functions/shared/app-contract.ts';
import { CLIENT_OPTIONS } from '../functions/shared/client-options.ts';
import { targetGroupName } from '../functions/shared/naming.ts';
import { readSetup } from '../setup/read-setup.mjs';
import { readCloudState, STATE_FOLDER } from './cloud-state.ts';
import { type Daemon, startDaemon } from './daemon-client.ts';
import { bootstrapAndSynthesize, deployStacks } from './deploy-stacks.ts';
import { LOCAL_CREDENTIALS } from './local-account.ts';
import { localSettings } from './local-settings.ts';
import { openLedger } from './processes/process-ledger.ts';

export const EXAMPLE = path.resolve(import.meta.dirname, '../examples/node-app');
export const FIRST_VERSION = '1.0.0';
export const NEXT_VERSION = '1.1.0';

/** Three instances launch, fetch a release and pass their gate; on two busy cores that takes some 10 s. */
const HEALTHY_TIMEOUT_MS = 90_000;

export interface StandUpOptions {
  readonly fleet: string;
  readonly realTime: boolean;
  readonly detached: boolean;
  readonly gatewayPort: number;
  readonly pagePort: number;
  readonly loadBalancerPort: number;
  /** Folder of a server with holdfast.app.json; its releases are made of it. @default the Node example */
  readonly app?: string;
  readonly say: (line: string) => void;
}

export interface Standing {
  readonly daemon: Daemon;
  readonly cloud: Cloud;
  readonly loadBalancerUrl: string;
  /** Publishes the app under a version. */
  publish(version: string): Promise<void>;
}

/** @throws Error with a sentence; whatever was started is ended */
export async function standUp(options: StandUpOptions): Promise<Standing> {
  const { say } = options;
  const running = await readCloudState();
  if (running) {
    throw new Error(
      `a local cloud of this checkout is up already (process ${running.pid}, ${running.pageUrl}): end it with "npx holdfast down", then start again`,
    );
  }
  const app = await contractOf(options.app ?? EXAMPLE);
  const choice = { fleet: options.fleet, realTime: options.realTime, port: app.port, healthPath: app.health.loadBalancer };
  const settings = localSettings(choice);

  say('starting the local cloud');
  const daemon = await startDaemon({
    ...choice,
    gatewayPort: options.gatewayPort,
    pagePort: options.pagePort,
    loadBalancerPort: options.loadBalancerPort,
    detached: options.detached,
  });
  try {
    const { state } = daemon;
    const setup = readSetup();
    const ledger = openLedger(path.join(STATE_FOLDER, 'run'), `${path.basename(state.runFolder)}-cdk`);
    const cdk = { ledger, folder: state.runFolder, node: setup.node, gatewayUrl: state.gatewayUrl, config: settings.config };
    say('bootstrapping the account and synthesizing the stacks');
    await bootstrapAndSynthesize(cdk);
    say('deploying every stack with cdk');
    await deployStacks(cdk);
    await ledger.close();

    const cloud = await connect({ fleet: options.fleet });
    const publish = (version: string) => publishApp(cloud, options.app ?? EXAMPLE, version, state.runFolder);
    say(`publishing release ${FIRST_VERSION}`);
    await publish(FIRST_VERSION);
    say('waiting for three healthy servers');
    await untilHealthy(state.gatewayUrl, cloud, settings.config.fleets[options.fleet]?.minCapacity ?? 3);
    return { daemon, cloud, loadBalancerUrl: await loadBalancerUrl(), publish };
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

async function contractOf(folder: string): Promise<AppContract> {
  return readContract(folder);
}

async function publishApp(cloud: Cloud, app: string, version: string, workFolder: string): Promise<void> {
  const folder = app === EXAMPLE ? await buildExample(version, workFolder) : app;
  await publishRelease({
    records: cloud.records,
    objects: s3Objects(cloud.s3, cloud.releasesBucket),
    fleet: cloud.fleet,
    version,
    path: folder,
    publishedBy: cloud.caller,
    now: Date.now,
    workFolder: path.join(workFolder, 'release-work'),
  });
}

/** The example is built as its own build does it; Holdfast takes the result. */
async function buildExample(version: string, workFolder: string): Promise<string> {
  const folder = path.join(workFolder, 'example', version);
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.dirname(folder), { recursive: true });
  await promisify(execFile)(process.execPath, [path.join(EXAMPLE, 'build.mjs'), '--version', version, '--out', folder], {
    timeout: 30_000,
  });
  return folder;
}

async function untilHealthy(gatewayUrl: string, cloud: Cloud, wanted: number): Promise<void> {
  const client = new ElasticLoadBalancingV2Client({
    region: cloud.region,
    endpoint: gatewayUrl,
    credentials: LOCAL_CREDENTIALS,
    ...CLIENT_OPTIONS,
  });
  const deadline = Date.now() + HEALTHY_TIMEOUT_MS;
  try {
    const { TargetGroups } = await client.send(
      new DescribeTargetGroupsCommand({ Names: [targetGroupName(cloud.installation, cloud.fleet)] }),
    );
    for (;;) {
      const { TargetHealthDescriptions = [] } = await client.send(
        new DescribeTargetHealthCommand({ TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn }),
      );
      const states = TargetHealthDescriptions.map((target) => target.TargetHealth?.State ?? 'unknown');
      if (states.filter((state) => state === 'healthy').length >= wanted) return;
      if (Date.now() > deadline)
        throw new Error(
          `${wanted} healthy servers were expected within ${HEALTHY_TIMEOUT_MS / 1000} s; the targets are: ${states.join(', ') || 'none'}`,
        );
      await sleep(250);
    }
  } finally {
    client.destroy();
  }
}

async function loadBalancerUrl(): Promise<string> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const url = (await readCloudState())?.loadBalancerUrl;
    if (url) return url;
    await sleep(250);
  }
  throw new Error('the load balancer has no listener that is open');
}
