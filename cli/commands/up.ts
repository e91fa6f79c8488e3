import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readCloudState, removeCloudState, STATE_FOLDER } from '../../local/cloud-state.ts';
import { stopProcess } from '../../local/daemon-client.ts';
import { endRunProcesses } from '../../local/processes/end-processes.ts';
import { readRecords } from '../../local/processes/process-ledger.ts';
import { standUp } from '../../local/stand-up.ts';
import { startTraffic } from '../../local/traffic/client.ts';
import { DEFAULT_FLEET } from '../cloud.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { Output } from '../output.ts';

/** What cdk was doing belongs to a cloud that is going away. */
const CDK_GRACE_MS = 500;

export interface UpOptions {
  readonly fleet?: string;
  readonly app?: string;
  readonly realTime?: boolean;
  readonly port: number;
  readonly gatewayPort: number;
  readonly pagePort: number;
  /** Virtual users, until Ctrl-C. */
  readonly traffic?: number;
}

/** Starts the local cloud with everything deployed and a first release serving, and leaves it running. */
export async function up(options: UpOptions, output: Output): Promise<void> {
  const running = await readCloudState();
  if (running) {
    throw new CommandFailure(
      'AlreadyUp',
      `a local cloud of this checkout is up already (process ${running.pid}, ${running.pageUrl}): use it, or end it with "npx holdfast down"; nothing was started`,
    );
  }
  let abandoned: Promise<void> | undefined;
  const interrupt = () => {
    abandoned ??= abandon();
  };
  process.on('SIGINT', interrupt);
  const standing = await standUp({
    ...options,
    fleet: options.fleet ?? DEFAULT_FLEET,
    ...(options.app !== undefined && { app: resolve(options.app) }),
    realTime: options.realTime ?? false,
    detached: true,
    loadBalancerPort: options.port,
    say: (line) => output.progress(line),
  }).catch(async (error: unknown) => {
    await abandoned; // which exits: that everything fails then is no news
    throw error;
  });
  process.off('SIGINT', interrupt);
  const { state } = standing.daemon;
  const { loadBalancerUrl } = standing;
  standing.daemon.detach();
  output.result(
    { local: { pid: state.pid, page: state.pageUrl, endpoint: state.gatewayUrl, loadBalancer: loadBalancerUrl, fleet: state.fleet } },
    () =>
      [
        `${standing.cloud.title} is up`,
        `  page           ${state.pageUrl}`,
        `  load balancer  ${loadBalancerUrl}`,
        `  AWS endpoint   ${state.gatewayUrl}`,
        'Deploy with: npx holdfast deploy VERSION. End it with: npx holdfast down',
      ].join('\n'),
  );
  if (options.traffic) await sendTraffic({ url: loadBalancerUrl, caFile: state.caFile, users: options.traffic }, output);
}

/** Ctrl-C before everything is up: half a cloud is of no use to anybody. */
async function abandon(): Promise<void> {
  process.stderr.write('ending what was started\n');
  const state = await readCloudState();
  if (state) {
    const runId = `${basename(state.runFolder)}-cdk`;
    const folder = join(STATE_FOLDER, 'run', runId);
    // In this order: without an endpoint no further cdk is started.
    await stopProcess(state.pid);
    await endRunProcesses({ runId, recorded: readRecords(folder) }, CDK_GRACE_MS);
    await rm(folder, { recursive: true, force: true });
  }
  process.exit(130);
}

/** Ends the local cloud of this checkout. */
export async function down(output: Output): Promise<void> {
  const state = await readCloudState();
  if (!state) {
    output.result({ local: null }, () => 'no local cloud is up in this checkout');
    return;
  }
  await stopProcess(state.pid);
  await removeCloudState(state.pid);
  if (await readCloudState()) {
    throw new CommandFailure('StillRunning', `process ${state.pid} did not end: look at .holdfast/logs/daemon.log`, EXIT.failed);
  }
  output.result({ local: null, ended: state.pid }, () => `the local cloud (process ${state.pid}) has ended`);
}

/** Traffic until Ctrl-C. What it saw is no result of the command: with --json that line has been printed. */
async function sendTraffic(options: { url: string; caFile: string; users: number }, output: Output): Promise<void> {
  const running = startTraffic(options);
  await running.ready;
  output.progress(`${options.users} users are logged in; Ctrl-C ends the traffic`);
  await new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
  const report = await running.stop();
  output.progress(`${report.requests} requests, ${report.failed} failed, ${report.sessionsLost} of ${report.users} sessions lost`);
}
