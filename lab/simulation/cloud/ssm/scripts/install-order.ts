/** Models server/documents/install_order.py: an order is carried out once, one after the other. */
import type { InstallOutput } from '../../../../../functions/instance/document-contract.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
import type { Disk } from '../../servers/machine.ts';
import { exited, isStale, numberOf, printed, type ScriptContext, type ScriptResult } from './script.ts';
import { waitForUserData } from './user-data-state.ts';

const READY_SECONDS = 60;
const LOCK_POLL_MS = 50;

type Failed = Extract<InstallOutput, { result: 'failed' }>;

/** @param lockSeconds how long it waits for another order's end */
export async function carryOut(
  context: ScriptContext,
  lockSeconds: number,
  install: (context: ScriptContext) => Promise<InstallOutput>,
): Promise<ScriptResult> {
  const preparation = await waitForUserData(context, READY_SECONDS);
  const { machine, process } = context;
  const notPrepared = (why: string) => print(remember(context, failed('NotPrepared', why)));
  if (preparation.state === 'failed') return notPrepared(preparation.why);
  if (preparation.state === 'preparing') return notPrepared(`user data is still ${preparation.phase} after ${READY_SECONDS} s`);
  if (!(await takeLock(context, lockSeconds)))
    return exited(`another command has locked /opt/holdfast/etc/install.lock for more than ${lockSeconds} s`);
  const output = await installOnce(context, install);
  if (machine.installer === process) machine.installer = undefined;
  return print(output);
}

/** What has failed for good under a deploy's token is not tried again by a command that comes twice. */
async function installOnce(context: ScriptContext, install: (context: ScriptContext) => Promise<InstallOutput>): Promise<InstallOutput> {
  const token = numberOf(context, 'fencingToken');
  if (isStale(context.machine, token)) {
    return failed('StaleFencingToken', `a deploy with a fencing token above ${token} works on this instance`);
  }
  const before = resultBefore(context);
  if (before?.isFinal) return before.result;
  const result = await install(context);
  return result.result === 'failed' ? remember(context, result) : result;
}

/** What a command orders: two commands of one deploy that order the same are one command that came twice; two launches of one boot. */
const orderOf = ({ machine, parameters: { fencingToken, version, sha256, mode = 'install', stopFailure = '' } }: ScriptContext): string =>
  [fencingToken, version, sha256, mode, stopFailure, ...(mode === 'launch' ? [machine.boot] : [])].join(' ');

function resultBefore(context: ScriptContext): Disk['lastResult'] {
  const { lastResult } = context.machine.disk;
  return lastResult?.order === orderOf(context) ? lastResult : undefined;
}

/** An archive that did not arrive whole is fetched once more. */
export function remember<T extends InstallOutput>(context: ScriptContext, result: T): T {
  const canRetry = result.result === 'failed' && (result.error === 'DownloadFailed' || result.error === 'ChecksumMismatch');
  const isFinal = !canRetry || resultBefore(context) !== undefined;
  context.machine.disk.lastResult = { order: orderOf(context), isFinal, result };
  return result;
}

/** The lock of a script that was killed is free. */
async function takeLock({ machine, process }: ScriptContext, lockSeconds: number): Promise<boolean> {
  const deadlineMs = process.now() + lockSeconds * 1000;
  while (machine.installer !== undefined && !machine.installer.isOver) {
    if (process.now() > deadlineMs) return false;
    await process.sleep(LOCK_POLL_MS);
  }
  machine.installer = process;
  return true;
}

/** @returns why an order is refused by what is on the server */
export function whyNotOrdered({ hasPlaceholder }: Disk, version: string, before: string, restarts: boolean): Failed | undefined {
  if (version === NO_RELEASE && !hasPlaceholder) {
    return failed(
      'InvalidRelease',
      'this server has no placeholder, since Holdfast did not launch it; nothing was changed: deploy a release instead',
    );
  }
  if (!restarts || before === version) return undefined;
  return failed('InvalidRelease', `a restart keeps the release, and this server has ${before} instead of ${version}; nothing was changed`);
}

/** Fetched, verified and extracted. @returns why it is not */
export async function takeArchive(context: ScriptContext): Promise<Failed | undefined> {
  const { machine, process, parameters, archiveSha256 } = context;
  const { sha256 } = parameters;
  const { random, disk } = machine;
  if (archiveSha256 === undefined) return failed('DownloadFailed', 'release.tar.gz was not downloaded');
  await process.sleep(random.whole(50, 400));
  if (archiveSha256 !== sha256) return failed('ChecksumMismatch', `expected SHA-256 ${sha256}, downloaded ${archiveSha256}`);
  await process.sleep(random.whole(300, 8_000));
  if (!disk.full) return undefined;
  return failed('InvalidRelease', 'the archive needs 87108864 bytes, and the server has 1048576 free: remove files or enlarge its disk');
}

const print = (output: InstallOutput) => printed(output, output.result === 'failed' ? 1 : 0);
export const failed = (error: Failed['error'], message: string): Failed => ({ result: 'failed', error, message });
