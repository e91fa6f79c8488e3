/** From nothing to a fleet that serves: the local cloud, its stacks, a first release, healthy targets. */
import { rm } from 'node:fs/promises';
import { type Cloud, connect } from '../cli/cloud.ts';
import { readSetup } from '../setup/read-setup.mjs';
import { checkApp, checkPorts } from './check-start.ts';
import { refuseSecondCloud } from './claim-checkout.ts';
import { type Daemon, startDaemon } from './daemon-client.ts';
import { bootstrapAndSynthesize, deployStacks } from './deploy-stacks.ts';
import { untilAborted } from './interruption.ts';
import { localSettings } from './local-settings.ts';
import { PortError } from './processes/free-port.ts';
import { joinLedger } from './processes/process-ledger.ts';
import { EXAMPLE, publishApp } from './publish-app.ts';
import { untilHealthy, untilListening } from './wait-until-serving.ts';

export const FIRST_VERSION = '1.0.0';
export const NEXT_VERSION = '1.1.0';

/** For what listens to an abort itself, before the ground is taken from under it. */
const ABORT_GRACE_MS = 2_000;

export interface StandUpOptions {
  readonly fleet: string;
  readonly realTime: boolean;
  /** @default as of the other times */
  readonly settleSeconds?: number;
  readonly gatewayPort: number;
  readonly pagePort: number;
  readonly loadBalancerPort: number;
  /** Folder of a server with holdfast.app.json; its releases are made of it. @default the Node example */
  readonly app?: string;
  readonly say: (line: string) => void;
  /** Gives up and ends whatever was started. @default never */
  readonly signal?: AbortSignal;
}

export interface Standing {
  readonly daemon: Daemon;
  readonly cloud: Cloud;
  readonly loadBalancerUrl: string;
  /** Publishes the app under a version. */
  publish(version: string): Promise<void>;
}

/**
 * @throws AlreadyUp, PortError, InvalidRelease before anything was started; the signal's reason; Error with a sentence.
 *   Whatever was started has been ended.
 */
export async function standUp(options: StandUpOptions): Promise<Standing> {
  await refuseSecondCloud();
  const app = await checkApp(options.app ?? EXAMPLE);
  await checkPorts(options);
  const { fleet, realTime, settleSeconds } = options;
  const choice = { fleet, realTime, settleSeconds, port: app.port, healthPath: app.health.loadBalancer };
  const { gatewayPort, pagePort, loadBalancerPort } = options;
  const given = options.signal ?? new AbortController().signal;
  given.throwIfAborted();

  options.say('starting the local cloud');
  const daemon = await startDaemon({ ...choice, gatewayPort, pagePort, loadBalancerPort }, given);
  const signal = AbortSignal.any([given, daemon.lost]);
  try {
    return await untilAborted(deployOnto(daemon, choice, options, signal), signal, ABORT_GRACE_MS);
  } catch (error) {
    await daemon.stop();
    await rm(daemon.state.runFolder, { recursive: true, force: true });
    throw error;
  }
}

async function deployOnto(
  daemon: Daemon,
  choice: Parameters<typeof localSettings>[0],
  options: StandUpOptions,
  signal: AbortSignal,
): Promise<Standing> {
  const { say, fleet } = options;
  const { runFolder, gatewayUrl } = daemon.state;
  const { config } = localSettings(choice);
  // In the daemon's own book: cdk ends with it, whatever becomes of this process.
  const cdk = { ledger: joinLedger(runFolder), folder: runFolder, node: readSetup().node, gatewayUrl, config, signal };
  say('bootstrapping the account and synthesizing the stacks');
  await bootstrapAndSynthesize(cdk);
  say('deploying every stack with cdk');
  await deployStacks(cdk);

  const cloud = await connect({ fleet });
  const publish = (version: string) => publishApp({ cloud, folder: options.app, version, runFolder, signal });
  say(`publishing release ${FIRST_VERSION}`);
  await publish(FIRST_VERSION);
  const servers = config.fleets[fleet]?.minCapacity ?? 3;
  say(`waiting for ${servers} healthy servers`);
  await untilHealthy(gatewayUrl, cloud, servers, signal);
  const loadBalancerUrl = await untilListening(signal);
  checkGivenPort(loadBalancerUrl, options.loadBalancerPort);
  return { daemon, cloud, loadBalancerUrl, publish };
}

/** The port was free when it was looked at; another program may have taken it while the stacks were deployed. */
function checkGivenPort(loadBalancerUrl: string, port: number): void {
  if (port === 0 || new URL(loadBalancerUrl).port === String(port)) return;
  throw new PortError(
    port,
    `Port ${port} on 127.0.0.1 was taken by another program meanwhile: free it, give another one with --port, or leave --port out.`,
  );
}
