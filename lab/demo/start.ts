/**
 * `npm start`: starts the local cloud, sends live traffic, deploys a new release under it, and reports what happened to
 * the sessions. Its figures come from the traffic generator and DescribeExecution only.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAILED_REQUESTS_FILE } from '#local-aws/elbv2/data-plane/failed-requests.ts';
import { DEFAULT_FLEET } from '../../cli/cloud.ts';
import { consoleLink } from '../../cli/cloud-state.ts';
import { toFailure } from '../../cli/failure.ts';
import { createOutput, endWith, printNote, showWait } from '../../cli/output.ts';
import { trackPeakRss } from '../processes/measure-memory.ts';
import { BAD_VERSION } from './bad-release/bad-release.ts';
import { bringUp, FIRST_VERSION, type LocalInstallation, NEXT_VERSION } from './bring-up.ts';
import { untilStopped } from './daemon-client.ts';
import { deployUnderTraffic, isGreen } from './deploy-under-traffic.ts';
import { describeUp, runningConsole } from './describe-up.ts';
import { Interrupted, listenForInterruption } from './interruption.ts';
import { USERS_OWN } from './local-settings.ts';
import { callerFolder, help, parseStartOptions, type StartOptions } from './start-options.ts';
import { startOutput } from './start-output.ts';
import { followLeak } from './store-only/follow-leak.ts';
import { REPLICATION_GROUP } from './store-only/owner-store.ts';
import { isWatched, renderStoreSummary, type StoreSummary } from './store-only/store-summary.ts';
import { initConfig, type Owner, startOwner, watchStore } from './store-only/watch-store.ts';
import { renderSummary, type Summary } from './summary.ts';
import { sendTraffic } from './traffic/send-traffic.ts';
import { NO_FLEET, readTryable, tryLines } from './try-next.ts';

/** The error of a child that the terminal interrupted can arrive before the signal itself. */
const SIGNAL_LAG_MS = 100;
/** The longest visit, below the wait for sessions. */
const VISIT_MS = 20_000;
/** Of the traffic that goes on: about ten requests a second, so that dashboards and the hit rate have something to show. */
const LIGHT_USERS = 10;
const LIGHT_PAUSE_MS = 1_000;

/** @returns the exit code */
async function start(args: readonly string[]): Promise<number> {
  const [starter, beganMs] = (process.env['HOLDFAST_STARTED'] ?? '').split(':');
  const startedAtMs = Number(starter) === process.ppid ? Number(beganMs) : Date.now();
  const json = args.includes('--json');
  const { result, fail } = startOutput(json);
  const seconds = () => `${((Date.now() - startedAtMs) / 1000).toFixed(1).padStart(6)} s`;
  const log = (line: string) => (json ? printNote : createOutput(false).print)(`${seconds()}  ${line}`);
  const interruption = listenForInterruption(() => log('stopping everything'));
  const crash = new AbortController();
  process.once('uncaughtException', (error) => crash.abort(error));
  try {
    const options = parseStartOptions(args, callerFolder());
    if (options === 'help') {
      process.stdout.write(help({ from: FIRST_VERSION, to: NEXT_VERSION }));
      return 0;
    }
    const signal = AbortSignal.any([interruption.signal, crash.signal]);
    return await showWait('still at work', () => (options.storeOnly ? watch : run)(options, { startedAtMs, signal, log, result }));
  } catch (thrown) {
    if (!interruption.signal.aborted) await sleep(SIGNAL_LAG_MS);
    const error = interruption.signal.aborted ? interruption.signal.reason : thrown;
    if (error instanceof Interrupted) return fail({ code: error.name, message: error.message, exitCode: error.exitCode });
    const failure = toFailure(error);
    const link = failure.code === 'AlreadyUp' && !json ? await runningConsole() : undefined;
    if (link !== undefined) result(link);
    return fail(failure);
  }
}

interface Run {
  readonly startedAtMs: number;
  /** An interruption, or a bug. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** The result, once. */
  readonly result: (text: string) => void;
}

const readRecipe = async (file: string, folder: string) => (await import('./traffic/read-filled-recipe.ts')).readFilledRecipe(file, folder);

async function run(options: StartOptions, { startedAtMs, signal, log, result }: Run): Promise<number> {
  const seconds = () => (Date.now() - startedAtMs) / 1000;
  const memory = trackPeakRss(process.pid, 500);
  let installation: LocalInstallation | undefined;
  const users = {
    ...(options.recipe !== undefined && { recipe: await readRecipe(options.recipe, options.from) }),
    // Sessions in memory end with a log-out, which the deploy waits for.
    ...((options.server?.strategy ?? 'redis') !== 'redis' && { visitMs: VISIT_MS }),
  };
  const recipeFile = options.recipe;
  try {
    let published: Promise<void> | undefined;
    installation = await bringUp({
      ...options,
      server: { ...options.server, deploy: USERS_OWN },
      fleet: DEFAULT_FLEET,
      log,
      signal,
      // The next release is built while the first one is deployed.
      beforeFirstDeploy: async ({ publish }) => {
        published = publish(NEXT_VERSION);
        published.catch(() => {});
      },
    });
    const { daemon, cloud, loadBalancerUrl, storeEngine } = installation;
    const whileUp = AbortSignal.any([signal, daemon.lost]);
    const setupSeconds = seconds();
    await published;
    const outcome = await deployUnderTraffic({
      cloud,
      loadBalancerUrl,
      caFile: daemon.state.caFile,
      users: options.users,
      traffic: { failedRequestsFile: path.join(daemon.state.runFolder, FAILED_REQUESTS_FILE), ...users },
      recipeFile,
      from: FIRST_VERSION,
      to: NEXT_VERSION,
      log,
      signal: whileUp,
    });
    if (options.once) {
      log('stopping everything');
      await daemon.stop();
      signal.throwIfAborted();
    }
    const summary: Summary = { ...outcome, realTime: options.realTime, setupSeconds, totalSeconds: seconds(), peakRssMb: memory.stop() };
    result(options.json ? JSON.stringify(summary) : renderSummary(summary));
    if (!options.once) {
      await installation.publish(BAD_VERSION).catch((error: Error) => log(`${BAD_VERSION} was not published: ${error.message}`));
      const last = tryLines(await readTryable(cloud));
      // The console's link, among others, which has scrolled away by now. It has a token in it, so that it is not for a job's log.
      if (!options.json) result(describeUp(cloud.title, daemon.state, { loadBalancerUrl, storeEngine, last }).text);
      const light = { ...users, recipeFile, users: Math.min(LIGHT_USERS, options.users), thinkTimeMs: LIGHT_PAUSE_MS, signal: whileUp };
      const sent = options.traffic && sendTraffic({ cloud: daemon.state, url: loadBalancerUrl, ...light }, log).catch(log);
      log(`the local cloud stays up until Ctrl-C${options.traffic ? ', with light traffic (--no-traffic: with none)' : ''}`);
      await showWait(undefined, () => untilStopped(whileUp))
        .then(log)
        .finally(() => sent);
    }
    return isGreen(summary) ? 0 : 1;
  } finally {
    await installation?.daemon.stop();
    memory.stop();
  }
}

async function watch(options: StartOptions, { startedAtMs, signal, log, result }: Run): Promise<number> {
  const memory = trackPeakRss(process.pid, 500);
  let owner: Owner | undefined;
  try {
    owner = await startOwner(options, { signal, log });
    const { daemon } = owner;
    log(`holdfast init --store ${REPLICATION_GROUP}`);
    const watched = await watchStore(owner, await initConfig(daemon.state), { signal, log });
    const whileUp = AbortSignal.any([signal, daemon.lost]);
    const setupSeconds = (Date.now() - startedAtMs) / 1000;
    const outcome = await followLeak(watched, { signal: whileUp, log });
    const summary: StoreSummary = { ...outcome, setupSeconds, peakRssMb: memory.stop() };
    result(options.json ? JSON.stringify(summary) : renderStoreSummary(summary, options.realTime));
    if (!options.once) {
      if (!options.json) result(`\nconsole         ${consoleLink(daemon.state)}\n\n${tryLines(NO_FLEET)}`);
      log('the local cloud stays up until Ctrl-C');
      log(await showWait(undefined, () => untilStopped(whileUp)));
    }
    return isWatched(summary) ? 0 : 1;
  } finally {
    await owner?.daemon.stop();
    memory.stop();
  }
}

await endWith(() => start(process.argv.slice(2)));
