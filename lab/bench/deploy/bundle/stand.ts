/** Two fleets of servers that ran before Holdfast, in a local cloud, and an installation that deploys bundles to them. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { LOCAL_ACCOUNT_ID } from '#local-aws/local-account.ts';
import { connect } from '../../../../cli/cloud.ts';
import { type CloudState, readCloudState } from '../../../../cli/cloud-state.ts';
import { openStores } from '../../../../cli/open-stores.ts';
import { CLIENT_OPTIONS } from '../../../../functions/shared/aws/client-options.ts';
import { holdfastConfig } from '../../../../infra/config.ts';
import { readSetup } from '../../../../setup/read-setup.mjs';
import { bootstrapAndSynthesize, deployStacks, destroyStacks } from '../../../demo/deploy-stacks.ts';
import { SHORT, SLOW_START } from '../../../demo/local-settings.ts';
import { joinLedger } from '../../../processes/process-ledger.ts';
import { REPOSITORY } from '../../../processes/run-cdk.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { closeShop, openShop } from '../../shop/open-shop.ts';
import { FUNCTIONS_USER, PORT, STORE } from '../../shop/shop-template.ts';
import type { BundleFleetName } from './judge-bundles.ts';
import { nodeKind, shopScripts, tomcatKind } from './kinds.ts';
import { type BundleKind, type Flaw, makeBundle, NOTES } from './make-bundle.ts';

export const INSTALLATION = 'shop';
/** What runs before Holdfast. */
export const FIRST = '1.4.1';
export const GROUP = 'shop-tomcat';
const LISTENERS = { tomcat: 'shop:80', node: 'shop:81' } as const;
const READINESS_PATHS = { tomcat: '/shop/health', node: '/health' } as const;
const COMMAND_LIMIT_MS = 600_000;
const HTTP_LIMIT_MS = 10_000;
const HEALTHY_LIMIT_MS = 120_000;

/** How a command of Holdfast's ended. */
export interface Ended {
  readonly code: number;
  readonly text: string;
}

/** A line that a bundle's script wrote. */
export interface ScriptEvent {
  readonly atMs: number;
  readonly server: string;
  readonly event: string;
  readonly version: string;
}

export interface ServerState {
  readonly version: string;
  /** Of the link to the current release. */
  readonly release: string;
  /** Names of the files that Installs have brought, one a version. */
  readonly notes: readonly string[];
  /** In its memory. */
  readonly sessions: number;
}

export interface BundleFleet {
  readonly kind: BundleKind;
  readonly url: string;
  readonly state: LocalCloud;
  readonly store: ReturnType<typeof openFleetStores>;
  /** Ids of the servers in service. */
  servers(): Promise<readonly string[]>;
  stateOf(server: string): Promise<ServerState>;
  untilHealthy(count: number): Promise<void>;
  holdfast(...words: string[]): Promise<Ended>;
  /** Publishes a bundle of that version. @throws Error with what the command wrote */
  publish(version: string, flaw?: Flaw, ...words: string[]): Promise<void>;
  events(sinceMs: number): readonly ScriptEvent[];
  /** Waits until a script of that event has begun on any server. @returns where */
  untilEvent(event: string, version: string): Promise<string>;
}

const openFleetStores = (cloud: Awaited<ReturnType<typeof connect>>) => openStores(cloud, 'records');

/** What of a local cloud is used. */
type LocalCloud = Pick<CloudState, 'runFolder' | 'gatewayUrl' | 'region' | 'credentials' | 'credentialsFile' | 'token'>;

export interface StandOptions {
  readonly state: LocalCloud;
  /** For everything that is made. */
  readonly folder: string;
  /** Fleets that Holdfast gets. */
  readonly kinds: readonly BundleFleetName[];
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

const clientOf = ({ region, gatewayUrl: endpoint, credentials }: LocalCloud) => ({ ...CLIENT_OPTIONS, region, endpoint, credentials });
const bundleFolder = (folder: string, kind: BundleKind, version: string): string => path.join(folder, 'bundles', kind.name, version);
/** Both fleets have the same versions. */
const eventsFile = (folder: string, { name }: BundleKind): string => path.join(folder, `${name}-events.log`);
const bundleOf = (folder: string, kind: BundleKind, version: string, flaw?: Flaw): Promise<string> =>
  makeBundle(kind, { version, folder: bundleFolder(folder, kind, version), events: eventsFile(folder, kind) }, flaw);

export interface Stand {
  readonly fleets: readonly BundleFleet[];
  /** Destroys the installation, and the shop. */
  close(): Promise<void>;
}

/** Starts the shop, and deploys the installation. */
export async function openStand(options: StandOptions): Promise<Stand> {
  const { state, folder, kinds, log, signal } = options;
  log('making what runs before Holdfast');
  const chosen = [tomcatKind, nodeKind].filter(({ name }) => kinds.includes(name));
  const bundles = await Promise.all(chosen.map(async (kind) => [kind.name, await bundleOf(folder, kind, FIRST)]));
  log('starting the shop');
  const outputs = await openShop(clientOf(state), await shopScripts(Object.fromEntries(bundles)));
  // Sessions of the Node servers are in their memory: their owner keeps each user on one.
  const Attributes = Object.entries({ enabled: 'true', type: 'lb_cookie' }).map(([key, Value]) => ({ Key: `stickiness.${key}`, Value }));
  const elb = new ElasticLoadBalancingV2Client(clientOf(state));
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: outputs['Node'], Attributes }));
  const config = configOf((name) => outputs[name] ?? '', state, kinds);
  const cdk = { ledger: joinLedger(state.runFolder), folder, node: readSetup().node, cloud: state, config, signal };
  log('deploying the installation');
  await bootstrapAndSynthesize(cdk);
  await deployStacks(cdk);
  return {
    fleets: await Promise.all(chosen.map((kind) => openFleet(kind, options, outputs))),
    async close() {
      await destroyStacks(cdk);
      await closeShop(clientOf(state));
    },
  };
}

export async function openFleet(
  kind: BundleKind,
  { state, folder, signal }: Pick<StandOptions, 'state' | 'folder' | 'signal'>,
  outputs: Readonly<Record<string, string>>,
): Promise<BundleFleet> {
  const { name } = kind;
  const cloud = await connect({ installation: INSTALLATION, fleet: name });
  const TargetGroupArn = outputs[name === 'node' ? 'Node' : 'Tomcat'];
  const autoScaling = new AutoScalingClient(clientOf(state));
  const elb = new ElasticLoadBalancingV2Client(clientOf(state));
  const holdfast = (...words: string[]) => command([...words, '--installation', INSTALLATION, '--fleet', name, '--json'], signal);
  const machine = (server: string) => path.join(state.runFolder, 'instances', server);
  const events = (sinceMs: number) => readEvents(eventsFile(folder, kind)).filter(({ atMs }) => atMs >= sinceMs);
  return {
    kind,
    url: await waitUntil('the listener', async () => (await readCloudState())?.listeners?.[LISTENERS[name]], { timeoutMs: 10_000 }),
    state,
    store: openFleetStores(cloud),
    async servers() {
      if (name === 'node') return [outputs['Node1'] ?? '', outputs['Node2'] ?? ''];
      const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] }));
      const inService = AutoScalingGroups?.[0]?.Instances?.filter(({ LifecycleState }) => LifecycleState === 'InService') ?? [];
      return inService.map(({ InstanceId = '' }) => InstanceId).sort();
    },
    async stateOf(server) {
      const own = `http://127.0.0.1:${readFileSync(path.join(machine(server), 'shop/port'), 'utf8').trim()}`;
      const versions = await Promise.all(kind.livePaths.map(async (live) => (await ask(`${own}${live}`)).version));
      const { sessions } = name === 'node' ? await ask(`${own}/internal/status`) : { sessions: 0 };
      const notes = readdirSync(path.join(machine(server), NOTES));
      const link = path.join(machine(server), 'opt/holdfast/current');
      const release = existsSync(link) ? path.basename(readlinkSync(link)) : 'none';
      return { version: [...new Set(versions)].join(' and '), release, notes, sessions };
    },
    async untilHealthy(count) {
      const areHealthy = async () => {
        const { TargetHealthDescriptions: all = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
        return all.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length === count;
      };
      await waitUntil(`the health of ${count} servers`, areHealthy, { timeoutMs: HEALTHY_LIMIT_MS, pollMs: 200 });
    },
    holdfast,
    async publish(version, flaw = {}, ...words) {
      const made = version === FIRST ? bundleFolder(folder, kind, FIRST) : await bundleOf(folder, kind, version, flaw);
      const { code, text } = await holdfast(
        'releases',
        'publish',
        version,
        made,
        '--config',
        path.join(folder, 'holdfast.config.json'),
        ...words,
      );
      if (code !== 0) throw new Error(`${name} ${version} was not published: ${text}`);
    },
    events,
    untilEvent: (event, version) =>
      waitUntil(`${event} of ${version}`, () => events(0).find((each) => each.event === event && each.version === version)?.server, {
        timeoutMs: HEALTHY_LIMIT_MS,
      }),
  };
}

async function ask(url: string): Promise<{ readonly version: string; readonly sessions: number }> {
  return (await fetch(url, { signal: AbortSignal.timeout(HTTP_LIMIT_MS) })).json() as Promise<{ version: string; sessions: number }>;
}

function readEvents(file: string): readonly ScriptEvent[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [atMs, server = '', event = '', version = ''] = line.split(' ');
      return { atMs: Number(atMs), server, event, version };
    });
}

/** A command of this checkout's, in a process of its own as a person starts it. */
function command(words: readonly string[], signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [path.join(REPOSITORY, 'bin/holdfast.mjs'), ...words],
      { cwd: REPOSITORY, timeout: COMMAND_LIMIT_MS, maxBuffer: 64 * 1024 * 1024, signal },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), text: `${stdout}${stderr}` }),
    );
  });
}

function configOf(output: (name: string) => string, { region }: LocalCloud, kinds: readonly BundleFleetName[]) {
  const existing = { loadBalancerArn: output('Lone'), instanceRoleName: 'shop-server' };
  const fleet = (name: BundleFleetName, healthPath: string) => ({
    app: { kind: 'bundle' as const, readinessPath: READINESS_PATHS[name], healthPath, port: PORT },
    deploy: { ...SHORT, ...SLOW_START, minimumHealthyTargets: 1 },
  });
  const fleets = {
    tomcat: { ...fleet('tomcat', '/live'), existing: { ...existing, targetGroupArn: output('Tomcat'), autoScalingGroupName: GROUP } },
    node: {
      ...fleet('node', '/live'),
      members: 'instances' as const,
      existing: { ...existing, targetGroupArn: output('Node'), instanceIds: [output('Node1'), output('Node2')] },
    },
  };
  return holdfastConfig.parse({
    installation: INSTALLATION,
    ...{ region, account: LOCAL_ACCOUNT_ID, retention: 'ephemeral', credentials: 'cli' },
    network: {
      existing: {
        vpcId: output('Vpc'),
        webSubnetIds: [output('Weba'), output('Webb')],
        storeSubnetIds: [output('Storea'), output('Storeb')],
      },
    },
    store: {
      existing: {
        ...{ host: output('StoreHost'), port: Number(output('StorePort')), tls: true, auth: 'iam', engine: 'valkey', engineVersion: '8.0' },
        ...{ replicationGroupId: STORE, userName: FUNCTIONS_USER, securityGroupId: output('StoreGroup'), keyPrefix: 'sess:', replicas: 1 },
        application: { userName: 'shop', secretArn: output('Secret') },
      },
    },
    fleets: Object.fromEntries(kinds.map((name) => [name, fleets[name]])),
  });
}
