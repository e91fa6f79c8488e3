/** Models server/documents/install_release.py. */
import type { InstallOutput } from '../../../../../functions/instance/document-contract.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
import { carryOut, failed, takeArchive, whyNotOrdered } from './install-order.ts';
import { removeRelease, replaceRelease, stopServices } from './replace-release.ts';
import { numberOf, type Script, type ScriptContext } from './script.ts';

const LOCK_SECONDS = 480;

export const installRelease: Script = (context) => carryOut(context, LOCK_SECONDS, install);

async function install(context: ScriptContext): Promise<InstallOutput> {
  const { machine, parameters } = context;
  const { disk } = machine;
  const { version = '' } = parameters;
  const restarts = parameters['mode'] === 'restart';
  const fencingToken = numberOf(context, 'fencingToken');
  const before = disk.current;
  const refused = whyNotOrdered(disk, version, before, restarts);
  if (refused) return refused;
  const isActive = machine.stateOf(version === NO_RELEASE ? 'holdfast-placeholder' : 'holdfast-app') === 'active';
  if (before === version && isActive && !(restarts && disk.restartedBy !== fencingToken)) {
    return { result: 'alreadyInstalled', version };
  }
  if (version === NO_RELEASE) {
    return (await removeRelease(context, before)) ?? { result: 'installed', version, previousVersion: before };
  }
  const untaken = await takeArchive(context);
  if (untaken) return untaken;
  if (machine.bundleOf(version)) {
    return failed(
      'InvalidRelease',
      'the release is a CodeDeploy bundle, and this fleet has none of them; nothing was changed: publish it to a fleet of its kind',
    );
  }
  if (restarts) {
    await stopServices(context);
    disk.restartedBy = fencingToken;
  }
  return (await replaceRelease(context, version, before)) ?? { result: 'installed', version, previousVersion: before };
}
