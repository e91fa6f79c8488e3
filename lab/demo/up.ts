import { resolve } from 'node:path';
import type { EmulatorName } from '#local-aws/emulator/emulator.ts';
import { DEFAULT_FLEET } from '../../cli/cloud.ts';
import { type CloudState, readCloudState } from '../../cli/cloud-state.ts';
import { CommandFailure, EXIT } from '../../cli/failure.ts';
import { type Output, showWait } from '../../cli/output.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { bringUp, type LocalInstallation } from './bring-up.ts';
import { stopProcess } from './daemon-client.ts';
import { describeUp, runningConsole } from './describe-up.ts';
import { Interrupted, listenForInterruption } from './interruption.ts';
import { USERS_OWN } from './local-settings.ts';
import { readFilledRecipe } from './traffic/read-filled-recipe.ts';
import { sendTraffic } from './traffic/send-traffic.ts';
import { readTryable, tryLines } from './try-next.ts';

export interface UpOptions {
  readonly fleet?: string;
  readonly app?: string;
  readonly config?: string;
  readonly emulator?: EmulatorName;
  readonly emulatorEndpoint?: string;
  readonly realTime?: boolean;
  readonly port: number;
  readonly gatewayPort: number;
  readonly pagePort: number;
  /** Virtual users, until Ctrl-C or the end of the local cloud. */
  readonly traffic?: number;
  /** File of the recipe that they follow. @default the Node example's own requests */
  readonly recipe?: string;
}

/**
 * Starts the local cloud with everything deployed and a first release serving, and leaves it running.
 * @returns the exit code
 */
export async function up(options: UpOptions, output: Output): Promise<number> {
  const { traffic: users, recipe: file } = options;
  if (users === undefined && file !== undefined)
    throw new CommandFailure(
      'InvalidOption',
      '--recipe is how the users of --traffic log in; nothing was started. Add --traffic USERS.',
      EXIT.badInput,
    );
  const recipe = file === undefined ? {} : { recipe: await readFilledRecipe(file, process.cwd()), recipeFile: file };
  const send = async (cloud: CloudState, url: string): Promise<number> => {
    if (users === undefined) return 0;
    const { signal, release } = listenForInterruption(() => {});
    return sendTraffic({ cloud, url, users, signal, ...recipe }, output.progress).finally(release);
  };
  const running = users === undefined ? undefined : await runningFor(options);
  if (running !== undefined) {
    const { pid, loadBalancerUrl: url } = running;
    output.result(
      { local: { pid, loadBalancer: url } },
      () => `the local cloud is up already (process ${pid}): the traffic goes to ${url}`,
    );
    return send(running, url);
  }
  const installation = await bringUpUnlessInterrupted(options, output);
  const { state } = installation.daemon;
  const { loadBalancerUrl, storeEngine, exposed } = installation;
  await installation.daemon.letGo();
  const { value, text } = describeUp(installation.cloud.title, state, {
    loadBalancerUrl,
    storeEngine,
    last: `${tryLines(await readTryable(installation.cloud))}\nStop it: ${holdfast('down')}`,
  });
  output.result({ local: { ...value.local, exposed } }, () => text);
  return send(state, loadBalancerUrl);
}

/** The local cloud that is up, where nothing is asked for that only a start could give. */
async function runningFor(options: UpOptions): Promise<(CloudState & { readonly loadBalancerUrl: string }) | undefined> {
  const { fleet, app, config, emulator, emulatorEndpoint, realTime, port, gatewayPort, pagePort } = options;
  if ([app, config, emulator, emulatorEndpoint].some((one) => one !== undefined) || realTime) return undefined;
  if ([port, gatewayPort, pagePort].some((one) => one !== 0)) return undefined;
  const state = await readCloudState();
  if (state?.loadBalancerUrl === undefined || (fleet !== undefined && fleet !== state.fleet)) return undefined;
  return { ...state, loadBalancerUrl: state.loadBalancerUrl };
}

/** Ctrl-C before everything is up stops everything that was started. */
async function bringUpUnlessInterrupted(options: UpOptions, output: Output): Promise<LocalInstallation> {
  const { signal, release } = listenForInterruption(() => output.progress('stopping everything that was started'));
  try {
    return await bringUp({
      fleet: options.fleet ?? DEFAULT_FLEET,
      ...(options.app !== undefined && { app: options.app }),
      server: { deploy: USERS_OWN },
      config: { file: options.config === undefined ? undefined : resolve(options.config) },
      ...(options.emulator !== undefined && { emulator: options.emulator }),
      ...(options.emulatorEndpoint !== undefined && { emulatorEndpoint: options.emulatorEndpoint }),
      realTime: options.realTime ?? false,
      loadBalancerPort: options.port,
      gatewayPort: options.gatewayPort,
      pagePort: options.pagePort,
      log: (line) => output.progress(line),
      signal,
    });
  } catch (error) {
    const link = error instanceof Error && error.name === 'AlreadyUp' ? await runningConsole() : undefined;
    if (link !== undefined) output.print(link);
    if (error instanceof Interrupted) throw new CommandFailure(error.name, error.message, error.exitCode, { cause: error });
    throw error;
  } finally {
    release();
  }
}

/** Stops the local cloud of this checkout. */
export async function down(output: Output): Promise<void> {
  const state = await readCloudState();
  if (!state) {
    output.result({ local: null }, () => 'no local cloud is up in this checkout');
    return;
  }
  await showWait(`the local cloud (process ${state.pid}) is stopping`, () => stopProcess(state.pid));
  if (await readCloudState()) {
    throw new CommandFailure('StillRunning', `process ${state.pid} did not end: see .holdfast/logs/daemon.log`, EXIT.failed);
  }
  output.result({ local: null, ended: state.pid }, () => `the local cloud (process ${state.pid}) has stopped`);
}
