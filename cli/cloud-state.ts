/** The file in the checkout that describes the running local cloud. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IS_PACKAGE, OWN_FOLDER } from '../infra/own-files.ts';
import { isRunning, processStart } from '../setup/process-start.mjs';
import { badInput } from './failure.ts';
import { foreignOwnerOf } from './file-owner.ts';

const named = (): string | undefined => process.env['HOLDFAST_STATE_FOLDER'];

/**
 * Folder of the checkout's local cloud. HOLDFAST_STATE_FOLDER sets another one, for a second local cloud of the same checkout, and for
 * the package, which has none of its own.
 */
const stateFolder = (): string => path.resolve(named() ?? path.join(OWN_FOLDER, '.holdfast'));
/** {@link stateFolder}, to use what is in it or write to it. @throws CommandFailure ForeignState where another user could have put it there */
export function ownStateFolder(): string {
  if (named() !== undefined) mustBeOwn();
  return stateFolder();
}
/** Where commands make folders of their own for what they upload. @throws CommandFailure ForeignState */
export const scratchFolder = (): string => (IS_PACKAGE && named() === undefined ? tmpdir() : path.join(ownStateFolder(), 'tmp'));
const stateFile = (): string => path.join(stateFolder(), 'cloud.json');

export interface CloudState {
  /** Process that owns the local cloud. */
  readonly pid: number;
  /** When that process started, because process ids are reused. Added by {@link writeCloudState}. */
  readonly pidStart?: string;
  readonly runFolder: string;
  readonly gatewayUrl: string;
  readonly pageUrl: string;
  /** Authorizes requests to the console that change something, and requests that set faults. */
  readonly token: string;
  readonly account: string;
  /** Its root's. Valid in the local cloud only. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The same in the format of AWS, for AWS_SHARED_CREDENTIALS_FILE. */
  readonly credentialsFile: string;
  readonly region: string;
  readonly installation: string;
  readonly fleet: string;
  readonly caFile: string;
  readonly startedAtMs: number;
  /** The load balancer, once the stacks are deployed: `https://localhost:PORT`. */
  readonly loadBalancerUrl?: string;
  /** Local URL of each listener of each load balancer, by `NAME:PORT` of the listener. */
  readonly listeners?: Readonly<Record<string, string>>;
}

/**
 * The console's address with its token, for the user who started the cloud. A fragment is not sent to any server, and the
 * page removes it from the address.
 */
export const consoleLink = ({ pageUrl, token }: Pick<CloudState, 'pageUrl' | 'token'>): string => `${pageUrl}#token=${token}`;

/** The local cloud that the file describes. A cloud that stops removes the file first; one that was killed leaves it. */
export interface RecordedCloud {
  readonly state: CloudState;
  readonly isRunning: boolean;
}

/** @throws CommandFailure ForeignState where another user could have written it: it names an endpoint, keys and a configuration */
export async function readRecordedCloud(): Promise<RecordedCloud | undefined> {
  if (IS_PACKAGE && named() === undefined) return undefined;
  ownStateFolder();
  let state: CloudState;
  try {
    state = JSON.parse(await readFile(stateFile(), 'utf8')) as CloudState;
  } catch {
    return undefined;
  }
  const { pid, pidStart } = state;
  return { state, isRunning: pidStart === undefined ? isAlive(pid) : isRunning({ pid, start: pidStart }) };
}

function mustBeOwn(): void {
  for (const file of [stateFolder(), stateFile()]) {
    const problem = foreignOwnerOf(file);
    if (problem === undefined) continue;
    throw badInput(
      'ForeignState',
      `${file} ${problem}. HOLDFAST_STATE_FOLDER names the folder of a local cloud, and a command does what is in it. Nothing was called. Set it to a folder of your own that only you can write to, or unset it.`,
    );
  }
}

/** The running local cloud, or undefined. A file whose process no longer runs counts as none. */
export async function readCloudState(): Promise<CloudState | undefined> {
  const recorded = await readRecordedCloud();
  return recorded?.isRunning ? recorded.state : undefined;
}

export async function writeCloudState(state: CloudState): Promise<void> {
  await mkdir(ownStateFolder(), { recursive: true });
  const draft = `${stateFile()}.${process.pid}`;
  await writeFile(draft, JSON.stringify({ ...state, pidStart: processStart(state.pid) }, null, 2), { mode: 0o600 });
  await rename(draft, stateFile());
}

/** Removes the file if it belongs to `pid`. */
export async function removeCloudState(pid: number): Promise<void> {
  try {
    const state = JSON.parse(await readFile(stateFile(), 'utf8')) as CloudState;
    if (state.pid === pid) await rm(stateFile(), { force: true });
  } catch {
    // no file: nothing to remove
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
