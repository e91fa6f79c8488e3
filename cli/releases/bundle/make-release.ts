/** Makes a release of a CodeDeploy bundle: its files below `bundle`, and the contract that the fleet's configuration and its appspec make. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import { APP_CONTRACT_FILE, type AppContract, BUNDLE_FOLDER, type Bundle } from '../../../functions/shared/app-contract.ts';
import { bundleHealth } from '../../../infra/config/app-kind.ts';
import type { FleetConfig } from '../../../infra/config/fleet.ts';
import { pagePath } from '../../../infra/own-files.ts';
import { crlf, find, hasCrlf } from '../check-start.ts';
import type { ReleaseFile } from '../list-files.ts';
import { InvalidRelease } from '../release-errors.ts';
import { readAppspec } from './read-appspec.ts';

/** What a release takes from its fleet's configuration. */
export type BundleFleet = Pick<FleetConfig, 'app' | 'port'>;

const APPSPECS = ['appspec.yml', 'appspec.yaml'];
const LONGEST_APPSPEC_BYTES = 65_536;
/** Holdfast's own folder on servers. */
const OWN_FOLDER = '/opt/holdfast';

interface BundleFiles {
  readonly root: string;
  readonly files: readonly ReleaseFile[];
  readonly appspec: string;
}

/**
 * Undefined for what is no bundle; `inside` is empty, or the only folder in what was given, as CodeDeploy's agent takes it.
 * @throws InvalidRelease for one with two appspecs, or next to a contract
 */
export function findBundle(files: readonly ReleaseFile[]) {
  const [only, another] = files.filter(({ name }) => !name.includes('/'));
  const inside = only?.type === 'directory' && another === undefined ? only.name : '';
  const has = (name: string) => files.some((file) => file.type === 'file' && file.name === posix.join(inside, name));
  const [appspec, second] = APPSPECS.filter(has);
  if (appspec === undefined) return undefined;
  if (second) throw new InvalidRelease(`The bundle has both ${appspec} and ${second}: remove one of them.`);
  if (has(APP_CONTRACT_FILE))
    throw new InvalidRelease(`The release has both ${appspec} and ${APP_CONTRACT_FILE}: remove the one that its fleet does not deploy by.`);
  return { inside, appspec };
}

/**
 * Checks a bundle and makes the folder of its release, in which the bundle itself is a link: nothing is copied.
 * @param root the bundle's folder @param files what is in it @param folder the release's: it must not exist
 * @returns the release's files
 * @throws InvalidRelease with one sentence
 */
export async function makeBundleRelease(
  fleet: BundleFleet | undefined,
  { root, files, appspec, folder }: BundleFiles & { readonly folder: string },
): Promise<readonly ReleaseFile[]> {
  if (fleet?.app?.kind !== 'bundle')
    throw new InvalidRelease(
      `A folder with ${appspec} is a CodeDeploy bundle, and the fleet's configuration has no "app" of kind "bundle": add one (${pagePath('docs/configuration.md')}), or publish a folder with ${APP_CONTRACT_FILE} and without ${appspec}.`,
    );
  const { app, port } = fleet;
  const own = files.find(({ name }) => name === appspec);
  if (own?.type !== 'file' || own.sizeBytes > LONGEST_APPSPEC_BYTES)
    throw new InvalidRelease(`${appspec} is longer than ${LONGEST_APPSPEC_BYTES} bytes, which is the limit.`);
  const bundle = readAppspec(await readFile(join(root, appspec)), appspec);
  await checkFiles(bundle, { root, files, appspec });
  const { session, sessions, logs } = app;
  const contract: AppContract = { start: [appspec], port, health: bundleHealth(app), session, sessions, logs, bundle };
  const text = `${JSON.stringify(contract, undefined, 2)}\n`;
  await mkdir(folder);
  await writeFile(join(folder, APP_CONTRACT_FILE), text);
  await symlink(resolve(root), join(folder, BUNDLE_FOLDER));
  return [
    { type: 'directory', name: BUNDLE_FOLDER, mode: 0o755 },
    ...files.map((file) => ({ ...file, name: `${BUNDLE_FOLDER}/${file.name}` })),
    { type: 'file', name: APP_CONTRACT_FILE, mode: 0o644, sizeBytes: Buffer.byteLength(text) },
  ];
}

/** What would fail on the first server only, after its service was stopped. */
async function checkFiles(bundle: Bundle, { root, files, appspec }: BundleFiles): Promise<void> {
  const refuse = (problem: string) => new InvalidRelease(`${appspec}: ${problem}.`);
  const foundAt = async (path: string) => {
    if (path === '..' || path.startsWith('../')) throw refuse(`${JSON.stringify(path)} is outside the bundle`);
    return find(join(root, path));
  };
  const targets = new Map<string, { readonly from: string; readonly isFolder: boolean }>();
  const place = (target: string, from: string, isFolder: boolean): void => {
    const before = targets.get(target);
    if (before && !(before.isFolder && isFolder))
      throw refuse(`${target} on the servers has two sources, ${JSON.stringify(before.from)} and ${JSON.stringify(from)}`);
    if (`${target}/`.startsWith(`${OWN_FOLDER}/`)) throw refuse(`${target} is in ${OWN_FOLDER}, which is Holdfast's own folder`);
    targets.set(target, { from, isFolder });
  };
  for (const { source, destination } of bundle.files) {
    const { kind } = await foundAt(source);
    if (kind === 'nothing') throw refuse(`the source ${JSON.stringify(source)} is not in the bundle`);
    if (kind === 'file') {
      place(posix.join(destination, posix.basename(source)), source, false);
      continue;
    }
    place(destination, source, true);
    const below = source === '/' ? '' : `${source}/`;
    for (const { name, type } of files)
      if (name.startsWith(below)) place(posix.join(destination, name.slice(below.length)), name, type === 'directory');
  }
  for (const { location } of Object.values(bundle.hooks).flat()) {
    const found = await foundAt(location);
    if (found.kind !== 'file')
      throw refuse(
        `the script ${JSON.stringify(location)} is ${found.kind === 'folder' ? 'a folder' : 'not in the bundle, where CodeDeploy searches for it'}`,
      );
    if (hasCrlf(found.head)) throw refuse(crlf(`the script ${JSON.stringify(location)}`));
  }
}
