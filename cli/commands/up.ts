import { isAbsolute, resolve } from 'node:path';
import { readCloudState, removeCloudState } from '../../local/cloud-state.ts';
import { stopProcess } from '../../local/daemon-client.ts';
import { standUp } from '../../local/stand-up.ts';
import { startTraffic } from '../../local/traffic/client.ts';
import { CommandFailure } from '../failure.ts';
import type { Output } from '../output.ts';

export interface UpOptions {
  readonly fleet: string;
  readonly app?: string;
  readonly realTime?: boolean;
  readonly port: number;
  readonly gatewayPort: number;
  readonly pagePort: number;
}

/** Starts the local cloud with everything deployed and a first release serving, and leaves it running. */
export async function up(options: UpOptions, output: Output): Promise<void> {
  const standing = await standUp({
    ...options,
    ...(options.app && { app: isAbsolute(options.app) ? options.app : resolve(options.app) }),
    realTime: options.realTime ?? false,
    detached: true,
    loadBalancerPort: options.port,
    say: (line) => output.progress(line),
  });
  const { state } = standing.daemon;
  standing.daemon.detach();
  output.result(
    {
      local: {
        pid: state.pid,
        page: state.pageUrl,
        endpoint: state.gatewayUrl,
        loadBalancer: standing.loadBalancerUrl,
        fleet: state.fleet,
      },
    },
    () =>
      [
        `${standing.cloud.title} is up`,
        `  page           ${state.pageUrl}`,
        `  load balancer  ${standing.loadBalancerUrl}`,
        `  AWS endpoint   ${state.gatewayUrl}`,
        'Deploy with: npx holdfast deploy VERSION --wait. End it with: npx holdfast down',
      ].join('\n'),
  );
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
  if (await readCloudState())
    throw new CommandFailure('StillRunning', `process ${state.pid} did not end: look at .holdfast/logs/daemon.log`);
  output.result({ local: null, ended: state.pid }, () => `the local cloud (process ${state.pid}) has ended`);
}

/** Sends traffic to the local fleet for as long as the command runs. */
export async function traffic(options: { users: number; seconds?: number }, output: Output): Promise<void> {
  const state = await readCloudState();
  if (!state?.loadBalancerUrl)
    throw new CommandFailure('NoCloud', 'no local cloud is up in this checkout: start one with "npx holdfast up"', 3);
  const running = startTraffic({ url: state.loadBalancerUrl, caFile: state.caFile, users: options.users });
  await running.ready;
  output.progress(`${options.users} users are logged in; Ctrl-C ends the traffic`);
  const ended = new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
    if (options.seconds) setTimeout(done, options.seconds * 1000);
  });
  await ended;
  const report = await running.stop();
  output.result(
    { traffic: report },
    () => `${report.requests} requests, ${report.failed} failed, ${report.sessionsLost} of ${report.users} sessions lost`,
  );
}
