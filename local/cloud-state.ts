/** Where a local cloud that is up says how to reach it: one file in the checkout. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRunning, processStart } from '../setup/process-start.mjs';

/** Everything that a checkout's local cloud keeps. HOLDFAST_STATE_FOLDER gives a second one of the same checkout a place of its own. */
export const STATE_FOLDER = path.resolve(process.env['HOLDFAST_STATE_FOLDER'] ?? path.join(import.meta.dirname, '../.holdfast'));
/** One folder a run; a run's folder holds everything that it writes, and goes with it. */
export const RUNS_FOLDER = path.join(STATE_FOLDER, 'run');
const STATE_FILE = path.join(STATE_FOLDER, 'cloud.json');

export interface CloudState {
  /** Process that owns the local cloud. */
  readonly pid: number;
  /** When that process began: another one may have its id one day. Added by {@link writeCloudState}. */
  readonly pidStart?: string;
  readonly runFolder: string;
  readonly gatewayUrl: string;
  /** The console. */
  readonly pageUrl: string;
  /** Needed by requests to the console that change something, and by those that set faults. */
  readonly token: string;
  readonly region: string;
  readonly installation: string;
  readonly fleet: string;
  readonly caFile: string;
  readonly startedAtMs: number;
  /** Front of the load balancer, once the stacks are deployed: `https://localhost:PORT`. */
  readonly loadBalancerUrl?: string;
  /** Where each listener of each load balancer answers on this machine, by `NAME:PORT` of the listener. */
  readonly listeners?: Readonly<Record<string, string>>;
}

/**
 * The console's address with what lets it change something: for whoever started the cloud. A fragment is sent to no server,
 * and the page takes it out of the address.
 */
export const consoleLink = ({ pageUrl, token }: Pick<CloudState, 'pageUrl' | 'token'>): string => `${pageUrl}#token=${token}`;

/** The local cloud that is up, or undefined. A file whose process has gone counts as none. */
export async function readCloudState(): Promise<CloudState | undefined> {
  let state: CloudState;
  try {
    state = JSON.parse(await readFile(STATE_FILE, 'utf8')) as CloudState;
  } catch {
    return undefined;
  }
  const { pid, pidStart } = state;
  return (pidStart === undefined ? isAlive(pid) : isRunning({ pid, start: pidStart })) ? state : undefined;
}

export async function writeCloudState(state: CloudState): Promise<void> {
  await mkdir(STATE_FOLDER, { recursive: true });
  const draft = `${STATE_FILE}.${process.pid}`;
  await writeFile(draft, JSON.stringify({ ...state, pidStart: processStart(state.pid) }, null, 2), { mode: 0o600 });
  await rename(draft, STATE_FILE);
}

/** Removes the file if it is still `pid`'s. */
export async function removeCloudState(pid: number): Promise<void> {
  try {
    const state = JSON.parse(await readFile(STATE_FILE, 'utf8')) as CloudState;
    if (state.pid === pid) await rm(STATE_FILE, { force: true });
  } catch {
    // none there: nothing to remove
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
