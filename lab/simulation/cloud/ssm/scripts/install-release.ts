/** Models server/documents/install_release.py. */
import type { InstallOutput } from '../../../../../functions/instance/document-contract.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
import type { Disk } from '../../servers/machine.ts';
import { removeRelease, replaceRelease, stopServices } from './replace-release.ts';
import { exited, isStale, numberOf, printed, type Script, type ScriptContext } from './script.ts';
import { waitForUserData } from './user-data-state.ts';

const READY_SECONDS = 60;
const LOCK_SECONDS = 480;
const LOCK_POLL_MS = 50;

type Failed = Extract<InstallOutput, { result: 'failed' }>;

export const installRelease: Script = async (context) => {
  const preparation = await waitForUserData(context, READY_SECONDS);
  const { machine, process } = context;
  const notPrepared = (why: string) => print(remember(context, failed('NotPrepared', why)));
  if (preparation.state === 'failed') return notPrepared(preparation.why);
  if (preparation.state === 'preparing') return notPrepared(`user data is still ${preparation.phase} after ${READY_SECONDS} s`);
  if (!(await takeLock(context)))
    return exited(`another command has locked /opt/holdfast/etc/install.lock for more than ${LOCK_SECONDS} s`);
  const output = await installOnce(context);
  if (machine.installer === process) machine.installer = undefined;
  return print(output);
};

/** What has failed for good under a deploy's token is not tried again by a command that comes twice. */
async function installOnce(context: ScriptContext): Promise<InstallOutput> {
  const token = numberOf(context, 'fencingToken');
  if (isStale(context.machine, token)) {
    return failed('StaleFencingToken', `a deploy with a fencing token above ${token} works on this instance`);
  }
  const before = failedBefore(context);
  if (before?.isFinal) return before.result;
  const result = await install(context);
  return result.result === 'failed' ? remember(context, result) : result;
}

/** What a command orders: two commands of one deploy that order the same are one command that came twice. */
const orderOf = ({ parameters: { fencingToken, version, sha256, mode = 'install' } }: ScriptContext): string =>
  [fencingToken, version, sha256, mode].join(' ');

function failedBefore(context: ScriptContext): Disk['failedInstall'] {
  const { failedInstall } = context.machine.disk;
  return failedInstall?.order === orderOf(context) ? failedInstall : undefined;
}

/** An archive that did not arrive whole is fetched once more. */
function remember(context: ScriptContext, result: Failed): Failed {
  const canRetry = result.error === 'DownloadFailed' || result.error === 'ChecksumMismatch';
  const isFinal = !canRetry || failedBefore(context) !== undefined;
  context.machine.disk.failedInstall = { order: orderOf(context), isFinal, result };
  return result;
}

/** The lock of a script that was killed is free. */
async function takeLock({ machine, process }: ScriptContext): Promise<boolean> {
  const deadlineMs = process.now() + LOCK_SECONDS * 1000;
  while (machine.installer !== undefined && !machine.installer.isOver) {
    if (process.now() > deadlineMs) return false;
    await process.sleep(LOCK_POLL_MS);
  }
  machine.installer = process;
  return true;
}

async function install(context: ScriptContext): Promise<InstallOutput> {
  const { machine, process, parameters } = context;
  const { disk, random } = machine;
  const { version = '', sha256 } = parameters;
  const restarts = parameters['mode'] === 'restart';
  const fencingToken = numberOf(context, 'fencingToken');
  const before = disk.current;
  if (version === NO_RELEASE && !disk.hasPlaceholder) {
    return failed(
      'InvalidRelease',
      'this server has no placeholder, since Holdfast did not launch it; nothing was changed: deploy a release instead',
    );
  }
  if (restarts && before !== version) {
    return failed(
      'InvalidRelease',
      `a restart keeps the release, and this server has ${before} instead of ${version}; nothing was changed`,
    );
  }
  const isActive = machine.stateOf(version === NO_RELEASE ? 'holdfast-placeholder' : 'holdfast-app') === 'active';
  if (before === version && isActive && !(restarts && disk.restartedBy !== fencingToken)) {
    return { result: 'alreadyInstalled', version };
  }
  if (version === NO_RELEASE) {
    return (await removeRelease(context, before)) ?? { result: 'installed', version, previousVersion: before };
  }
  if (context.archiveSha256 === undefined) return failed('DownloadFailed', 'release.tar.gz was not downloaded');
  await process.sleep(random.whole(50, 400));
  if (context.archiveSha256 !== sha256) {
    return failed('ChecksumMismatch', `expected SHA-256 ${sha256}, downloaded ${context.archiveSha256}`);
  }
  await process.sleep(random.whole(300, 8_000));
  if (disk.full) {
    return failed('InvalidRelease', 'the archive needs 87108864 bytes, and the server has 1048576 free: remove files or enlarge its disk');
  }
  if (restarts) {
    await stopServices(context);
    disk.restartedBy = fencingToken;
  }
  return (await replaceRelease(context, version, before)) ?? { result: 'installed', version, previousVersion: before };
}

const print = (output: InstallOutput) => printed(output, output.result === 'failed' ? 1 : 0);
const failed = (error: Failed['error'], message: string): Failed => ({ result: 'failed', error, message });
