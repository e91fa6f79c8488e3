/**
 * `npm start`: stands the local cloud up, sends live traffic, rolls a new release out under it, and says what happened
 * to the sessions. Its figures come from the traffic generator and DescribeExecution only.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_FLEET } from '../cli/cloud.ts';
import { type CommandFailure, toFailure } from '../cli/failure.ts';
import { consoleLink } from './cloud-state.ts';
import { deployUnderTraffic, isGreen } from './deploy-under-traffic.ts';
import { Interrupted, listenForInterruption, untilAborted } from './interruption.ts';
import { trackPeakRss } from './processes/measure-memory.ts';
import { FIRST_VERSION, NEXT_VERSION, type Standing, standUp } from './stand-up.ts';
import { callerFolder, help, parseStartOptions, type StartOptions } from './start-options.ts';
import { renderSummary, type Summary } from './summary.ts';

/** What a process says that the terminal interrupted may be here before the signal itself. */
const SIGNAL_LAG_MS = 100;

/** @returns the exit code */
async function start(args: readonly string[]): Promise<number> {
  const startedAtMs = Date.now();
  const json = args.includes('--json');
  let said = false;
  const result = (text: string) => {
    said = true;
    process.stdout.write(`${text}\n`);
  };
  const fail = ({ code, message, exitCode }: Pick<CommandFailure, 'code' | 'message' | 'exitCode'>) => {
    if (!json) process.stderr.write(`${message}\n`);
    else if (!said) result(JSON.stringify({ error: { code, message } }));
    return exitCode;
  };
  const say = (line: string) =>
    (json ? process.stderr : process.stdout).write(`${((Date.now() - startedAtMs) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
  const interruption = listenForInterruption(() => say('ending everything'));
  const crash = new AbortController();
  process.once('uncaughtException', (error) => crash.abort(error));
  try {
    const options = parseStartOptions(args, callerFolder());
    if (options === 'help') {
      process.stdout.write(help({ from: FIRST_VERSION, to: NEXT_VERSION }));
      return 0;
    }
    return await run(options, { startedAtMs, signal: AbortSignal.any([interruption.signal, crash.signal]), say, result });
  } catch (thrown) {
    if (!interruption.signal.aborted) await sleep(SIGNAL_LAG_MS);
    const error = interruption.signal.aborted ? interruption.signal.reason : thrown;
    if (error instanceof Interrupted) return fail({ code: error.name, message: error.message, exitCode: error.exitCode });
    return fail(toFailure(error));
  }
}

interface Run {
  readonly startedAtMs: number;
  /** Gives up: an interruption, or a fault of ours. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** The result, once. */
  readonly result: (text: string) => void;
}

async function run(options: StartOptions, { startedAtMs, signal, say, result }: Run): Promise<number> {
  const seconds = () => (Date.now() - startedAtMs) / 1000;
  const memory = trackPeakRss(process.pid, 500);
  let standing: Standing | undefined;
  try {
    standing = await standUp({ ...options, fleet: DEFAULT_FLEET, say, signal });
    const { daemon, cloud, loadBalancerUrl, publish } = standing;
    const whileUp = AbortSignal.any([signal, daemon.lost]);
    const setupSeconds = seconds();
    await publish(NEXT_VERSION);
    const outcome = await deployUnderTraffic({
      cloud,
      loadBalancerUrl,
      caFile: daemon.state.caFile,
      users: options.users,
      from: FIRST_VERSION,
      to: NEXT_VERSION,
      say,
      signal: whileUp,
    });
    if (options.once) {
      say('tearing everything down');
      await daemon.stop();
      signal.throwIfAborted();
    }
    const summary: Summary = { ...outcome, setupSeconds, totalSeconds: seconds(), peakRssMb: memory.stop() };
    result(options.json ? JSON.stringify(summary) : renderSummary(summary));
    if (!options.once) {
      say(`everything stays up until Ctrl-C. The console: ${consoleLink(daemon.state)}`);
      await untilAborted(new Promise<never>(() => {}), whileUp);
    }
    return isGreen(summary) ? 0 : 1;
  } finally {
    await standing?.daemon.stop();
    memory.stop();
  }
}

process.exit(await start(process.argv.slice(2)));
