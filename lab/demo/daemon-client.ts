/** Starts and stops the process that owns a local cloud. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudState, ownStateFolder, removeCloudState } from '../../cli/cloud-state.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { isRunning, processStart } from '../../setup/process-start.mjs';
import { cleanUpLeftovers } from '../processes/clean-up-leftovers.ts';
import type { DaemonCommand, DaemonMessage, DaemonOptions } from './daemon-messages.ts';
import { untilAborted } from './interruption.ts';
import { SMALL_NEW_GENERATION } from './node-flags.ts';
import { leaveRunsFolder, runsFolder } from './runs-folder.ts';

/** Time limit of a cold start on two busy cores, after waiting for a cloud of this checkout that is stopping. */
const READY_TIMEOUT_MS = 60_000;
/** With LocalStack the limit is 100 s longer, the time in which LocalStack has to answer. */
const LOCALSTACK_READY_TIMEOUT_MS = 160_000;
/** The daemon gives its services 6 s to stop, and 3 s more after SIGKILL. */
const STOP_TIMEOUT_MS = 11_000;
const POLL_MS = 20;
/** All requests' short-lived objects pass through this process: it grows to 200 MB under 200 users instead of 300, with the same latencies. */
const EXEC_ARGV = ['--disable-warning=ExperimentalWarning', SMALL_NEW_GENERATION];

const logFile = (): string => path.join(ownStateFolder(), 'logs', 'daemon.log');

export interface Daemon {
  readonly pid: number;
  readonly state: CloudState;
  /** Aborts when the process ends without `stop`: with a CloudStopped when it was asked to end, or else with a CloudLost. */
  readonly lost: AbortSignal;
  /** Stops it and everything that it started, within 15 s. Idempotent. */
  stop(): Promise<void>;
  /** Leaves it running when this process ends. */
  letGo(): Promise<void>;
}

/** The process that owns the local cloud ended unexpectedly. */
class CloudLost extends Error {
  override readonly name = 'CloudLost';
}

/** The process that owns the local cloud was asked to end. */
export class CloudStopped extends Error {
  override readonly name = 'CloudStopped';
}

/**
 * Why the process ended that owns the local cloud: it exits with 0 only when it is asked to end.
 * @param when ` while it was starting`, for one
 */
export function endOfCloud(code: number | null, signal: NodeJS.Signals | null, when = ''): CloudLost | CloudStopped {
  if (code === 0 && signal === null)
    return new CloudStopped(`the local cloud was stopped${when}, by "${holdfast('down')}" or a signal to its process`);
  return new CloudLost(`the local cloud ended${when || ' unexpectedly'} (${signal ?? `exit status ${code}`}): see its log, ${logFile()}`);
}

/** @returns the sentence about its end when the cloud is stopped on request. @throws the reason of every other abort of `whileUp` */
export async function untilStopped(whileUp: AbortSignal): Promise<string> {
  try {
    return await untilAborted(new Promise<never>(() => {}), whileUp);
  } catch (reason) {
    if (reason instanceof CloudStopped) return reason.message;
    throw reason;
  }
}

/**
 * @param signal stops the daemon while it starts
 * @param opened gets the run's folder as soon as processes can be entered in its ledger, seconds before the cloud answers
 * @throws Error with the daemon's own message and name when it cannot start
 */
export async function startDaemon(
  options: Omit<DaemonOptions, 'runId'>,
  signal: AbortSignal,
  opened: (runFolder: string) => void = () => {},
): Promise<Daemon> {
  const file = logFile();
  mkdirSync(path.dirname(file), { recursive: true });
  const log = openSync(file, 'a');
  const child = fork(
    path.join(import.meta.dirname, 'daemon.ts'),
    [JSON.stringify({ ...options, runId: newRunId() } satisfies DaemonOptions)],
    {
      execArgv: EXEC_ARGV,
      stdio: ['ignore', log, log, 'ipc'],
      // Its own group: Ctrl-C in the terminal reaches the parent, which stops the daemon.
      detached: true,
    },
  );
  closeSync(log);
  const pid = child.pid as number;
  const lost = new AbortController();
  let stopping = false;
  child.once('exit', (code, signal) => {
    if (!stopping) lost.abort(endOfCloud(code, signal));
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopping = true;
    stopped ??= stopProcess(pid);
    return stopped;
  };
  try {
    const state = await untilAborted(
      readiness(child, (options.localStack ?? options.emulatorEndpoint) ? LOCALSTACK_READY_TIMEOUT_MS : READY_TIMEOUT_MS, opened),
      signal,
    );
    const letGo = async () => {
      await new Promise<void>((sent) => child.send({ type: 'letGo' } satisfies DaemonCommand, () => sent()));
      if (child.connected) child.disconnect();
      child.unref();
    };
    return { pid, state, lost: lost.signal, stop, letGo };
  } catch (error) {
    await stop();
    throw error;
  }
}

const newRunId = (): string =>
  `${new Date()
    .toISOString()
    .replaceAll(/[-:.TZ]/g, '')
    .slice(0, 14)}-${randomBytes(3).toString('hex')}`;

function readiness(child: ChildProcess, timeoutMs: number, opened: (runFolder: string) => void): Promise<CloudState> {
  return new Promise<CloudState>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the local cloud was not ready after ${timeoutMs / 1000} s`)), timeoutMs);
    child.on('message', (message: DaemonMessage) => {
      if (message.type === 'opened') return opened(message.runFolder);
      clearTimeout(timer);
      if (message.type === 'ready') resolve(message.state);
      else reject(Object.assign(new Error(message.message), { name: message.name }));
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(endOfCloud(code, signal, ' while it was starting'));
    });
  });
}

/** Stops a daemon with SIGTERM, with SIGKILL after a time-out, and then everything that it left running. */
export async function stopProcess(pid: number): Promise<void> {
  const start = processStart(pid);
  if (start !== undefined) {
    const daemon = { pid, start };
    sendSignal(pid, 'SIGTERM');
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    while (isRunning(daemon) && performance.now() < deadline) await sleep(POLL_MS);
    if (isRunning(daemon)) sendSignal(pid, 'SIGKILL');
    while (isRunning(daemon) && performance.now() < deadline + 1_000) await sleep(POLL_MS);
  }
  await removeCloudState(pid);
  await cleanUpLeftovers(runsFolder());
  leaveRunsFolder();
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
