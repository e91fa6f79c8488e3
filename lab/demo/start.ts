/**
 * `npm start`: starts the local cloud, sends live traffic, deploys a new release under it, and reports what happened to
 * the sessions. Its figures come from the traffic generator and DescribeExecution only.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAILED_REQUESTS_FILE } from '#local-aws/elbv2/data-plane/failed-requests.ts';
import { DEFAULT_FLEET } from '../../cli/cloud.ts';
import { toFailure } from '../../cli/failure.ts';
import { createOutput, endWith, printNote, showWait } from '../../cli/output.ts';
import { trackPeakRss } from '../processes/measure-memory.ts';
import { bringUp, FIRST_VERSION, type LocalInstallation, NEXT_VERSION } from './bring-up.ts';
import { untilStopped } from './daemon-client.ts';
import { deployUnderTraffic, isGreen } from './deploy-under-traffic.ts';
import { describeUp, runningConsole } from './describe-up.ts';
import { Interrupted, listenForInterruption } from './interruption.ts';
import { callerFolder, help, parseStartOptions, type StartOptions } from './start-options.ts';
import { startOutput } from './start-output.ts';
import { followLeak } from './store-only/follow-leak.ts';
import { REPLICATION_GROUP } from './store-only/owner-store.ts';
import { isWatched, renderStoreSummary, type StoreSummary } from './store-only/store-summary.ts';
import { initConfig, type Owner, startOwner, watchStore } from './store-only/watch-store.ts';
import { renderSummary, type Summary } from './summary.ts';

/** The error of a child that the terminal interrupted can arrive before the signal itself. */
const SIGNAL_LAG_MS = 100;
/** The longest visit, below the wait for sessions. */
const VISIT_MS = 20_000;

/** @returns the exit code */
async function start(args: readonly string[]): Promise<number> {
  const startedAtMs = Date.now();
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

async function run(options: StartOptions, { startedAtMs, signal, log, result }: Run): Promise<number> {
  const seconds = () => (Date.now() - startedAtMs) / 1000;
  const memory = trackPeakRss(process.pid, 500);
  let installation: LocalInstallation | undefined;
  try {
    let published: Promise<void> | undefined;
    installation = await bringUp({
      ...options,
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
      traffic: {
        failedRequestsFile: path.join(daemon.state.runFolder, FAILED_REQUESTS_FILE),
        // Sessions in memory end with a log-out, which the deploy waits for.
        ...(options.server?.strategy === 'sticky' && { visitMs: VISIT_MS }),
      },
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
      // The console's link, among others, which has scrolled away by now. It has a token in it, so that it is not for a job's log.
      if (!options.json) result(describeUp(cloud.title, daemon.state, { loadBalancerUrl, storeEngine, stop: 'Ctrl-C' }).text);
      log('the local cloud stays up until Ctrl-C');
      log(await showWait(undefined, () => untilStopped(whileUp)));
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
