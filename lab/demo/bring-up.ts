/** Brings a local installation up: the local cloud, its stacks, servers with the placeholder, the first deploy. */

import { rm } from 'node:fs/promises';
import { describeServer } from '#local-aws/elasticache/engine-servers.ts';
import type { EmulatorName } from '#local-aws/emulator/emulator.ts';
import { connect } from '../../cli/cloud.ts';
import type { DeployCloud } from '../../cli/deploy/deploy.ts';
import { openStores } from '../../cli/open-stores.ts';
import type { LocalStackSetup } from '../../setup/localstack.mjs';
import { readSetup } from '../../setup/read-setup.mjs';
import { PortError } from '../processes/free-port.ts';
import { joinLedger } from '../processes/process-ledger.ts';
import { chooseApp, isExample } from './app/choose-app.ts';
import type { LocalApp, PrepareExample } from './app/local-app.ts';
import { type Project, readProject } from './app/read-project.ts';
import { BAD_VERSION, badRelease } from './bad-release/bad-release.ts';
import { checkPorts } from './check-start.ts';
import { refuseSecondCloud } from './claim-checkout.ts';
import { type Daemon, startDaemon } from './daemon-client.ts';
import { deployRelease } from './deploy-release.ts';
import { bootstrapAndSynthesize, type CdkOptions, deployStacks, synthesize } from './deploy-stacks.ts';
import { checkEndpointOptions } from './emulator-endpoint.ts';
import { describeExposed, type ExposedServer, findExposedServers } from './find-exposed-servers.ts';
import { untilAborted } from './interruption.ts';
import { lastRunLogs } from './last-run-logs.ts';
import { INSTANCES, PLANNED_INSTANCES, startInstances } from './listed-instances.ts';
import { type FleetInput, type LocalChoice, localSettings, needsInstances } from './local-settings.ts';
import { publishApp } from './publish-app.ts';
import { untilHealthy, untilListening } from './wait-until-serving.ts';

export const FIRST_VERSION = '1.0.0';
export const NEXT_VERSION = '1.1.0';

/** Time for running steps to react to an abort themselves before the cloud is stopped. */
const ABORT_GRACE_MS = 2_000;
/** LocalStack's CloudFormation creates one resource after the other. */
export const LOCALSTACK_CDK_LIMIT_MS = 900_000;

/** What a local cloud has come to: `booted` when its emulator answers, `deployed` when every stack is. */
export type Milestone = 'starting' | 'booted' | 'bootstrapped' | 'deployed';

export interface BringUpOptions {
  readonly fleet: string;
  readonly realTime: boolean;
  readonly gatewayPort: number;
  readonly pagePort: number;
  readonly loadBalancerPort: number;
  /** `tomcat`, `spring`, or the folder of a server with holdfast.app.json, published as each release; or what makes one. @default the Node example */
  readonly app?: string | PrepareExample;
  /** What a relative `app` is relative to. @default the working folder */
  readonly from?: string;
  /** The fleet's settings in the configuration file that the user named, or in the checkout's, apply. @default none do */
  readonly config?: { readonly file: string | undefined };
  /** More of the fleet's configuration, for tests and benchmarks. @default nothing */
  readonly server?: FleetInput;
  /** @default ministack */
  readonly emulator?: EmulatorName;
  /** Address of a LocalStack that the user runs, which is the emulator then. */
  readonly emulatorEndpoint?: string;
  /** How alarms start runbooks, and what these may do by themselves. @default the configuration's defaults */
  readonly incidents?: LocalChoice['incidents'];
  /** Delay until CloudTrail lists a call. @default that of most calls on AWS */
  readonly trailDelayMs?: number;
  readonly log: (line: string) => void;
  /** Runs while the servers have the placeholder, and release {@link FIRST_VERSION} is published. @default nothing */
  readonly beforeFirstDeploy?: (installation: Pick<LocalInstallation, 'cloud' | 'loadBalancerUrl' | 'daemon' | 'publish'>) => Promise<void>;
  /** Gets each milestone, in their order. @default nobody does */
  readonly reached?: (milestone: Milestone) => void;
  /** Stops everything that was started. @default never */
  readonly signal?: AbortSignal;
}

export interface LocalInstallation {
  readonly daemon: Daemon;
  readonly cloud: DeployCloud;
  readonly loadBalancerUrl: string;
  /** The server behind the local ElastiCache: `Valkey 8.0.1`, and what it stands for where the template names another. */
  readonly storeEngine: string;
  /** Servers that listen on more than the loopback address, each of which the log reports. */
  readonly exposed: readonly ExposedServer[];
  /** Publishes the app under a version; {@link BAD_VERSION} with a program whose readiness check fails. */
  publish(version: string): Promise<void>;
}

/**
 * On an error, everything that was started is stopped.
 *
 * @throws AlreadyUp, PortError, InvalidRelease, SetupError before anything is started; the signal's reason; Error with a sentence
 */
export async function bringUp(options: BringUpOptions): Promise<LocalInstallation> {
  await refuseSecondCloud();
  const { app, choice, emulatorEndpoint } = await checkOptions(options);
  const { gatewayPort, pagePort, loadBalancerPort } = options;
  const given = options.signal ?? new AbortController().signal;
  given.throwIfAborted();

  const localStack = await setUpEmulator(options);
  given.throwIfAborted();
  options.log(
    `starting the local cloud${localStack ? ' with LocalStack' : ''}${emulatorEndpoint ? ` with the LocalStack at ${emulatorEndpoint}` : ''}`,
  );
  const { javaHome } = app;
  options.reached?.('starting');
  let synthesis: Promise<void> | undefined;
  // Stacks that name no machine of the run are synthesized while the cloud starts.
  const opened = (runFolder: string) => {
    if (choice.listed) return;
    synthesis = synthesize(synthesisOf(runFolder, localSettings(choice).config, options, given));
    // It is awaited later, unless the cloud does not start.
    synthesis.catch(() => {});
  };
  const daemon = await startDaemon(
    {
      ...{ ...choice, gatewayPort, pagePort, loadBalancerPort },
      ...(javaHome !== undefined && { javaHome }),
      ...(localStack && { localStack }),
      ...(emulatorEndpoint !== undefined && { emulatorEndpoint }),
    },
    given,
    opened,
  );
  options.reached?.('booted');
  const signal = AbortSignal.any([given, daemon.lost]);
  try {
    return await untilAborted(deployOnto(daemon, { app, choice, synthesis }, options, signal), signal, ABORT_GRACE_MS);
  } catch (error) {
    await daemon.stop();
    await rm(daemon.state.runFolder, { recursive: true, force: true });
    throw error;
  }
}

/** What was asked for, checked before anything is started. */
interface Checked {
  readonly app: LocalApp;
  readonly choice: LocalChoice;
  /** Address of a LocalStack that the user runs. */
  readonly emulatorEndpoint: string | undefined;
}

/** Starts nothing. @throws CommandFailure, InvalidConfiguration, InvalidRelease, PortError, SetupError with a sentence */
export async function checkOptions(options: BringUpOptions): Promise<Checked> {
  const project = findProject(options);
  const app = await chooseApp(options.app, options.from ?? process.cwd(), { ...project?.fleet, ...options.server });
  const emulatorEndpoint = endpointOf(options);
  await checkPorts(options);
  return { app, choice: choose(app, project, options), emulatorEndpoint };
}

const endpointOf = ({ emulatorEndpoint, emulator, gatewayPort }: BringUpOptions): string | undefined =>
  emulatorEndpoint === undefined ? undefined : checkEndpointOptions({ emulatorEndpoint, emulator, gatewayPort });

/** @throws SetupError when this machine lacks what the emulator needs; nothing was started */
export async function setUpEmulator({
  emulator,
  emulatorEndpoint,
}: Pick<BringUpOptions, 'emulator' | 'emulatorEndpoint'>): Promise<LocalStackSetup | undefined> {
  if (emulator !== 'localstack' || emulatorEndpoint !== undefined) return undefined;
  const { ensureLocalStack } = await import('../../setup/localstack.mjs');
  return ensureLocalStack();
}

const findProject = ({ app, fleet, realTime, config }: BringUpOptions): Project | undefined =>
  config && readProject({ fleet, realTime, example: isExample(app) }, config.file);

/** Logs which configuration file applies. @throws InvalidConfiguration before anything is started */
function choose({ server, javaHome }: LocalApp, project: Project | undefined, options: BringUpOptions): LocalChoice {
  const { fleet, realTime, log } = options;
  if (project) log(project.line);
  const choice = {
    ...{ fleet, realTime, slowStart: javaHome !== undefined },
    server: { ...server, ...options.server },
    // What was asked for by an option comes before the file.
    ...(project && { project: { ...project.fleet, ...(options.server?.strategy && { strategy: options.server.strategy }) } }),
    ...(options.incidents && { incidents: options.incidents }),
    ...(options.trailDelayMs !== undefined && { trailDelayMs: options.trailDelayMs }),
  };
  const whole = needsInstances(choice) ? { ...choice, listed: PLANNED_INSTANCES } : choice;
  localSettings(whole);
  return whole;
}

/** What cdk is run with. Its process is entered in the daemon's ledger, so that it ends with the daemon even if this process is killed. */
function synthesisOf(
  runFolder: string,
  config: CdkOptions['config'],
  { emulator, emulatorEndpoint }: BringUpOptions,
  signal: AbortSignal,
): Omit<CdkOptions, 'cloud'> {
  const limit = emulator === 'localstack' || emulatorEndpoint !== undefined ? { limitMs: LOCALSTACK_CDK_LIMIT_MS } : {};
  return { ledger: joinLedger(runFolder), folder: runFolder, node: readSetup().node, config, signal, ...limit };
}

async function deployOnto(
  daemon: Daemon,
  { app, choice, synthesis }: { readonly app: LocalApp; readonly choice: LocalChoice; readonly synthesis: Promise<void> | undefined },
  options: BringUpOptions,
  signal: AbortSignal,
): Promise<LocalInstallation> {
  const { log, fleet } = options;
  const { runFolder } = daemon.state;
  const listed = choice.listed && (await startInstances(daemon.state, signal));
  const { config } = localSettings({ ...choice, ...(listed && { listed }) });
  const cdk = { ...synthesisOf(runFolder, config, options, signal), cloud: daemon.state };
  const storeEngine = describeServer(readSetup().stores, config.store.existing ?? config.store);
  log('bootstrapping the account and synthesizing the stacks');
  await bootstrapAndSynthesize(cdk, synthesis);
  options.reached?.('bootstrapped');
  log(`deploying all stacks with cdk; the session store runs ${storeEngine}`);
  await deployStacks(cdk);
  options.reached?.('deployed');

  const cloud = openStores(await connect({ fleet }), 'records', 'stepFunctions');
  const publish = (version: string) =>
    publishApp({ cloud, app: version === BAD_VERSION ? badRelease(app) : app, version, runFolder, signal });
  const servers = listed ? INSTANCES : (config.fleets[fleet]?.minCapacity ?? 3);
  const loadBalancerUrl = await untilListening(signal);
  checkGivenPort(loadBalancerUrl, options.loadBalancerPort);
  log(`publishing release ${FIRST_VERSION}; ${servers} servers have ${listed ? 'the pages of their owner' : 'the placeholder'}`);
  await Promise.all([publish(FIRST_VERSION), untilHealthy(cloud, servers, signal)]);
  await options.beforeFirstDeploy?.({ cloud, loadBalancerUrl, daemon, publish });
  log(`deploying release ${FIRST_VERSION}, the first one`);
  const first = await deployRelease(cloud, FIRST_VERSION, log, signal);
  if (first.status !== 'SUCCEEDED')
    throw new Error(
      `the first deploy ended as ${first.status}: ${first.message ?? first.error ?? 'without a reason'}\nThe local cloud was stopped; its logs are kept in ${lastRunLogs()}`,
    );
  const record = await cloud.records.getDeploy(fleet, first.executionArn.split(':').at(-1) ?? '');
  for (const warning of record?.warnings ?? []) log(`warning: ${warning}`);
  const exposed = await findExposedServers(runFolder);
  for (const server of exposed) log(describeExposed(server));
  return { daemon, cloud, loadBalancerUrl, storeEngine, exposed, publish };
}

/** The port was free when it was checked; another program may have taken it while the stacks were deployed. */
function checkGivenPort(loadBalancerUrl: string, port: number): void {
  if (port === 0 || new URL(loadBalancerUrl).port === String(port)) return;
  throw new PortError(
    port,
    `Port ${port} on 127.0.0.1 was taken by another program while the stacks were deployed: free it, choose another with --port, or omit --port.`,
  );
}
