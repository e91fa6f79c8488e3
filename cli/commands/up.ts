import { resolve } from 'node:path';
import { consoleLink, readCloudState } from '../../local/cloud-state.ts';
import { stopProcess } from '../../local/daemon-client.ts';
import { Interrupted, listenForInterruption } from '../../local/interruption.ts';
import { type Standing, standUp } from '../../local/stand-up.ts';
import { startTraffic } from '../../local/traffic/client.ts';
import { DEFAULT_FLEET } from '../cloud.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { Output } from '../output.ts';

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
  const standing = await standUpUnlessInterrupted(options, output);
  const { state } = standing.daemon;
  const { loadBalancerUrl } = standing;
  await standing.daemon.letGo();
  output.result(
    { local: { pid: state.pid, page: state.pageUrl, endpoint: state.gatewayUrl, loadBalancer: loadBalancerUrl, fleet: state.fleet } },
    () =>
      [
        `${standing.cloud.title} is up`,
        `  console        ${consoleLink(state)}`,
        `  load balancer  ${loadBalancerUrl}`,
        `  AWS endpoint   ${state.gatewayUrl}`,
        'Deploy with: npx holdfast deploy VERSION. End it with: npx holdfast down',
      ].join('\n'),
  );
  if (options.traffic) await sendTraffic({ url: loadBalancerUrl, caFile: state.caFile, users: options.traffic }, output);
}

/** Ctrl-C before everything is up ends what there is: half a cloud is of no use to anybody. */
async function standUpUnlessInterrupted(options: UpOptions, output: Output): Promise<Standing> {
  const { signal, release } = listenForInterruption(() => output.progress('ending what was started'));
  try {
    return await standUp({
      fleet: options.fleet ?? DEFAULT_FLEET,
      ...(options.app !== undefined && { app: resolve(options.app) }),
      realTime: options.realTime ?? false,
      loadBalancerPort: options.port,
      gatewayPort: options.gatewayPort,
      pagePort: options.pagePort,
      say: (line) => output.progress(line),
      signal,
    });
  } catch (error) {
    if (error instanceof Interrupted) throw new CommandFailure(error.name, error.message, error.exitCode, { cause: error });
    throw error;
  } finally {
    release();
  }
}

/** Ends the local cloud of this checkout. */
export async function down(output: Output): Promise<void> {
  const state = await readCloudState();
  if (!state) {
    output.result({ local: null }, () => 'no local cloud is up in this checkout');
    return;
  }
  await stopProcess(state.pid);
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
