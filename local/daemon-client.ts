/** Starts and ends the process that owns a local cloud. */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudState, isAlive, STATE_FOLDER } from './cloud-state.ts';
import type { DaemonMessage, DaemonOptions } from './daemon.ts';

/** Cold: certificates, emulator, on two busy cores. */
const READY_TIMEOUT_MS = 60_000;
/** Each service bounds its own end; this is their sum with room. */
const STOP_TIMEOUT_MS = 40_000;

export interface Daemon {
  readonly pid: number;
  readonly state: CloudState;
  /** Settles when the process has ended. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
  /** Lets it live on without this process. */
  detach(): void;
}

/** @throws Error with the daemon's own sentence when it cannot start */
export async function startDaemon(options: Omit<DaemonOptions, 'runId'>): Promise<Daemon> {
  const runId = `${new Date()
    .toISOString()
    .replaceAll(/[-:.TZ]/g, '')
    .slice(0, 14)}-${randomBytes(3).toString('hex')}`;
  mkdirSync(path.join(STATE_FOLDER, 'logs'), { recursive: true });
  const log = openSync(path.join(STATE_FOLDER, 'logs', 'daemon.log'), 'a');
  const child = fork(path.join(import.meta.dirname, 'daemon.ts'), [JSON.stringify({ ...options, runId } satisfies DaemonOptions)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', log, log, 'ipc'],
    // Its own group: Ctrl-C in the terminal reaches the parent, which ends the daemon in order.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const state = await new Promise<CloudState>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the local cloud was not ready after ${READY_TIMEOUT_MS / 1000} s`)), READY_TIMEOUT_MS);
    child.once('message', (message: DaemonMessage) => {
      clearTimeout(timer);
      if (message.type === 'ready') resolve(message.state);
      else reject(new Error(message.message));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the local cloud ended while it started (${code}): see .holdfast/logs/daemon.log`));
    });
  }).catch((error) => {
    child.kill('SIGTERM');
    throw error;
  });
  const pid = child.pid as number;
  return {
    pid,
    state,
    exited,
    stop: () => stopProcess(pid),
    detach: () => {
      child.disconnect();
      child.unref();
    },
  };
}

/** Ends a daemon in order, and by force when that takes too long. */
export async function stopProcess(pid: number): Promise<void> {
  const end = (signal: NodeJS.Signals) => {
    try {
      process.kill(pid, signal);
    } catch {
      // gone already
    }
  };
  end('SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid) && Date.now() < deadline) await sleep(50);
  if (isAlive(pid)) end('SIGKILL');
}
