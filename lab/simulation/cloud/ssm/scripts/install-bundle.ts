/** Models server/documents/install_bundle.py. A kill between two steps leaves what the steps before did. */
import { INSTALL_MODES, type InstallOutput } from '../../../../../functions/instance/document-contract.ts';
import type { BundleEvent } from '../../../../../functions/shared/app-contract.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
import type { BundleDisk, DrawnBundle } from '../../bundles.ts';
import { HookFailed, runEvents } from './bundle-scripts.ts';
import { carryOut, failed, remember, takeArchive, whyNotOrdered } from './install-order.ts';
import { httpGet, type Script, type ScriptContext } from './script.ts';

const LONGEST_SECONDS = 172_800;
/** Of the bundle whose Install ended last. */
const STOP: readonly BundleEvent[] = ['AfterBlockTraffic', 'ApplicationStop'];
const START: readonly BundleEvent[] = ['ApplicationStart', 'ValidateService'];
const WITH_ARCHIVE: readonly string[] = [...INSTALL_MODES, 'restore', 'launch', 'adopt', 'adoptDifferences'];
/** Copying a file. */
const COPY_MS = [20, 400] as const;

export const installBundle: Script = (context) =>
  carryOut(context, LONGEST_SECONDS, async () => {
    try {
      return remember(context, await install(context));
    } catch (error) {
      if (error instanceof HookFailed) return error.output;
      throw error;
    }
  });

async function install(context: ScriptContext): Promise<InstallOutput> {
  const { machine, parameters } = context;
  const { disk, bundles } = machine;
  const { version = '', mode = 'install', stopFailure } = parameters;
  const continues = stopFailure === 'continue';
  const { installed: before } = bundles;
  const done: InstallOutput = { result: 'installed', version, previousVersion: before };
  if (!WITH_ARCHIVE.includes(mode)) {
    // A server that comes back from a warm pool is installed anew.
    if (mode === 'end') bundles.complete = false;
    await runEvents(context, before, mode === 'end' ? STOP : [mode as BundleEvent], continues || mode === 'end');
    return { ...done, version: before };
  }
  const refused = whyNotOrdered(disk, version, before, mode === 'restart');
  if (refused) return refused;
  const isAdoption = mode.startsWith('adopt');
  const isWhole = before === version && bundles.complete;
  if (isWhole && mode !== 'restart' && (isAdoption || (await isUp(context)))) return { result: 'alreadyInstalled', version };
  if (version === NO_RELEASE) return (await removeBundle(context, before)) ?? done;
  if (isAdoption && disk.hasPlaceholder) {
    return failed(
      'InvalidRelease',
      "this server has Holdfast's placeholder, which would be taken for the application; nothing was changed",
    );
  }
  return (await takeBundle(context, version, mode, before, continues)) ?? done;
}

async function isUp(context: ScriptContext): Promise<boolean> {
  const answer = await httpGet(context);
  return 'application' in answer && answer.application.behaviour.isReady;
}

type Failed = InstallOutput | undefined;

/** Puts the placeholder in the place of the bundle. */
async function removeBundle(context: ScriptContext, before: string): Promise<Failed> {
  const { machine, process } = context;
  const { disk, bundles } = machine;
  bundles.complete = false;
  await runEvents(context, before, STOP, true);
  removeListed(bundles);
  disk.current = NO_RELEASE;
  disk.previous = NO_RELEASE;
  bundles.installed = NO_RELEASE;
  machine.acted({ kind: 'installed', version: NO_RELEASE });
  machine.startService('holdfast-placeholder');
  await process.sleep(machine.random.whole(700, 3_000));
  return machine.stateOf('holdfast-placeholder') === 'active' ? undefined : failed('ServiceDidNotStart', 'the placeholder: is inactive');
}

/** Everything that can be found wrong is found before anything is stopped. */
async function takeBundle(context: ScriptContext, version: string, mode: string, before: string, continues: boolean): Promise<Failed> {
  const { machine } = context;
  const untaken = await takeArchive(context);
  if (untaken) return untaken;
  const bundle = machine.bundleOf(version);
  if (!bundle) return failed('InvalidRelease', 'the release is no CodeDeploy bundle, and this fleet has them; nothing was changed');
  const isFirstLaunch = mode === 'launch' && before === NO_RELEASE;
  const overwrites = isFirstLaunch || mode === 'restore';
  const compares = mode.startsWith('adopt');
  const inTheWay = [...bundle.files.keys()].find((path) => machine.bundles.files.has(path) && !machine.bundles.listed.includes(path));
  const stops = before === NO_RELEASE ? undefined : machine.bundleOf(before)?.scripts;
  const makesWay = compares || overwrites || stops?.AfterBlockTraffic || stops?.ApplicationStop || bundle.scripts.BeforeInstall;
  if (!makesWay && bundle.fileExists === 'DISALLOW' && inTheWay)
    return failed('InvalidRelease', `${inTheWay} exists, and no earlier Install brought it`);
  const different = differencesOf(machine.bundles, bundle);
  if (mode === 'adopt' && different.size > 0) {
    machine.acted({ kind: 'refused', version });
    return failed('FilesDiffer', `${different.size} of ${bundle.files.size} files of ${version} are not those of this server`);
  }
  if (compares) adopt(context, version, bundle, different);
  else
    await replaceBundle(
      context,
      version,
      overwrites && bundle.fileExists === 'DISALLOW' ? { ...bundle, fileExists: 'OVERWRITE' } : bundle,
      continues,
    );
  return undefined;
}

const differencesOf = ({ files }: BundleDisk, bundle: DrawnBundle): ReadonlyMap<string, string | undefined> =>
  new Map([...bundle.files].filter(([path, content]) => files.get(path) !== content).map(([path]) => [path, files.get(path)]));

/** The service goes on as it is. */
function adopt({ machine }: ScriptContext, version: string, bundle: DrawnBundle, different: ReadonlyMap<string, string | undefined>): void {
  const { bundles } = machine;
  bundles.adopted.set(version, different);
  bundles.listed = [...new Set([...bundles.listed, ...[...bundle.files.keys()].filter((path) => bundles.files.has(path))])];
  point(machine.disk, version);
  bundles.installed = version;
  bundles.complete = true;
  machine.acted({ kind: 'adopted', version });
}

async function replaceBundle(context: ScriptContext, version: string, bundle: DrawnBundle, continues: boolean): Promise<void> {
  const { machine } = context;
  const { bundles, disk } = machine;
  bundles.complete = false;
  await runEvents(context, bundles.installed, STOP, continues);
  await runEvents(context, version, ['BeforeInstall']);
  removeListed(bundles);
  try {
    await place(context, version, bundle);
  } catch (error) {
    removeListed(bundles);
    throw error;
  }
  bundles.installed = version;
  machine.acted({ kind: 'installed', version });
  point(disk, version);
  await runEvents(context, version, ['AfterInstall']);
  if (disk.hasPlaceholder) machine.stopService('holdfast-placeholder');
  await runEvents(context, version, START);
  validated(context, version);
}

/** Each path is on the list before its file is written. */
async function place({ machine, process }: ScriptContext, version: string, { files, fileExists }: DrawnBundle): Promise<void> {
  const { bundles, random } = machine;
  const kept = bundles.adopted.get(version);
  const there = new Set([...files.keys()].filter((path) => bundles.files.has(path)));
  bundles.listed = [];
  if (fileExists === 'DISALLOW' && there.size > 0) throw new HookFailed(`${version}: Install: ${[...there][0]} exists`);
  for (const [path, content] of files) {
    const copied = kept?.has(path) ? kept.get(path) : content;
    if (copied === undefined || (fileExists === 'RETAIN' && there.has(path))) continue;
    bundles.listed.push(path);
    machine.acted({ kind: 'wrote', path });
    await process.sleep(random.whole(...COPY_MS));
    if (machine.disk.full) throw new HookFailed(`${version}: Install: OSError: [Errno 28] No space left on device`);
    bundles.files.set(path, copied);
  }
}

/** What the last Install brought, and what of it was written if it failed. */
function removeListed({ files, listed }: BundleDisk): void {
  for (const path of listed) files.delete(path);
}

function point(disk: ScriptContext['machine']['disk'], version: string): void {
  if (disk.current !== version) disk.previous = disk.current;
  disk.current = version;
}

function validated({ machine }: ScriptContext, version: string): void {
  machine.bundles.complete = true;
  machine.acted({ kind: 'validated', version });
}
