/**
 * Downloads packages with the machine's apt and mirrors, and with state of its own below `.holdfast`: works without root,
 * installs nothing, writes no file outside the checkout. apt verifies signatures and checksums as it always does.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatSources, readAptSources, releaseSources } from './apt-sources.mjs';
import { printProgress, readIfPresent } from './checkout.mjs';
import { findPrograms, searchFolders } from './find-program.mjs';
import { commandFailed, outputOf, tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { parsePackageVersion } from './versions.mjs';

const UPDATE_TIMEOUT_MS = 2 * 60_000;
const DOWNLOAD_TIMEOUT_MS = 2 * 60_000;
/** Some hundred packages. */
const WHOLE_TIMEOUT_MS = 10 * 60_000;
/** Time limit of one connection; with one retry a machine without network waits for half a minute. */
const CONNECTION_TIMEOUT_SECONDS = 15;
const CONFIGURATION = ['/etc/apt/apt.conf', '/etc/apt/apt.conf.d'];

/** The release has no such packages, in these versions. */
export class NotInLists extends SetupError {
  name = 'NotInLists';
}

/**
 * @typedef {object} PrivateApt
 * @property {string | undefined} problem why package lists may be missing
 * @property {(name: string) => import('./versions.mjs').Version | undefined} candidate the version that `download` would bring
 * @property {(name: string) => string[]} libraries names of the library packages that a package depends on
 * @property {string} unpack path of dpkg-deb
 * @property {(names: readonly string[]) => Promise<string[]>} download paths of the package files; throws SetupError
 * @property {(wanted: readonly string[]) => Promise<string[]>} downloadWhole paths of their files and of all that they need; throws NotInLists and SetupError
 */

/**
 * Fetches the package lists of the machine's release and of its backports.
 *
 * @param {import('./checkout.mjs').StepContext} context
 * @param {string} folder for lists, caches and downloads; must exist, and is the caller's to remove
 * @param {readonly import('./apt-sources.mjs').AptSource[]} [sources] of the machine's release
 * @param {readonly string[]} [machine] files and folders with the machine's configuration
 * @returns {Promise<PrivateApt | undefined>} undefined on a machine without apt, or whose release is in none of its sources
 */
export async function openPrivateApt(context, folder, sources = machineSources(), machine = CONFIGURATION) {
  const { apt, cache, unpack } = findApt(searchFolders(context.env));
  if (!apt || !cache || !unpack || sources.length === 0) return undefined;
  for (const part of ['lists/partial', 'cache/archives/partial', 'packages']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'release.sources'), formatSources(sources));
  writeFileSync(join(folder, 'preferences'), PREFERENCES);
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(join(folder, 'apt.conf'), configuration(folder, machine));
  // `parts` are read after this file, so they are included by it: what must not hold can be removed then.
  const env = { ...context.env, APT_CONFIG: join(folder, 'apt.conf'), LC_ALL: 'C.UTF-8' };
  const logFile = join(context.paths.logs, 'setup-store-packages.log');
  const run = (args, timeoutMs, append) =>
    tryCommand(apt, ['-q', ...args], { logFile, append, cwd: join(folder, 'packages'), env, timeoutMs, onStart: context.noteCommand });

  printProgress("fetching the package lists of this machine's release and its backports into .holdfast…");
  // Fails if one of several sources does not answer, although the one with the packages may have.
  const { ok, reason } = await run(['update'], UPDATE_TIMEOUT_MS, false);
  return {
    problem: ok ? undefined : `apt-get update failed (${reason}); log: ${logFile}`,
    unpack,
    candidate: (name) => {
      const policy = outputOf(cache, ['policy', name], 30_000, env) ?? '';
      return parsePackageVersion(/^\s+Candidate: (\S+)/m.exec(policy)?.[1]);
    },
    libraries: (name) => {
      const depends = outputOf(cache, ['depends', '--no-recommends', '--no-suggests', name], 30_000, env) ?? '';
      return [...depends.matchAll(/^\s+(?:Pre)?Depends: (lib[\w.+-]+)/gm)].map(([, library]) => library);
    },
    download: async (names) => {
      const { ok, reason } = await run(['download', ...names], DOWNLOAD_TIMEOUT_MS, true);
      if (!ok) throw commandFailed(`apt-get download ${names.join(' ')}`, reason, logFile);
      const files = readdirSync(join(folder, 'packages')).filter((file) => file.endsWith('.deb'));
      return names.map((name) => join(folder, 'packages', files.find((file) => file.startsWith(`${name}_`)) ?? `${name}.deb`));
    },
    downloadWhole: async (wanted) => {
      if (!ok) throw commandFailed('apt-get update', reason, logFile);
      const install = ['install', '--yes', '--no-install-recommends', ...wanted];
      const known = await run(['--simulate', ...install], UPDATE_TIMEOUT_MS, true);
      if (!known.ok) throw new NotInLists(`this machine's release has no ${wanted.join(', ')} (${known.reason}); log: ${logFile}`);
      const archives = join(folder, 'cache/archives');
      for (const file of packageFiles(archives)) rmSync(file);
      const loaded = await run(['--download-only', ...install], WHOLE_TIMEOUT_MS, true);
      if (!loaded.ok) throw commandFailed(`apt-get install --download-only ${wanted.join(' ')}`, loaded.reason, logFile);
      return packageFiles(archives);
    },
  };
}

const packageFiles = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(folder, name));

function findApt(folders) {
  const [apt, cache, unpack] = ['apt-get', 'apt-cache', 'dpkg-deb'].map((name) => findPrograms(name, folders)[0]);
  return { apt, cache, unpack };
}

const machineSources = () => releaseSources(readAptSources(), releaseCodename());

/**
 * @param {readonly string[]} folders
 * @returns {boolean} whether packages of the machine's release can be downloaded, as far as that shows without a network
 */
export const hasApt = (folders) => Object.values(findApt(folders)).every(Boolean) && machineSources().length > 0;

/** Backports have a low priority, so that a machine does not upgrade to them by itself: of Valkey the newest version counts. */
const PREFERENCES = ['n', 'a']
  .map((by) => `Package: valkey-server valkey-tools\nPin: release ${by}=*-backports\nPin-Priority: 500\n`)
  .join('\n');

/**
 * The machine's configuration (proxies, credentials) without what it does after an update of its own lists. An empty list of
 * installed packages makes apt choose among what can be downloaded.
 */
function configuration(folder, machine) {
  const included = machine.filter((path) => existsSync(path));
  return [
    ...included.map((path) => `#include "${path}${path.endsWith('.d') ? '/' : ''}";`),
    '#clear APT::Update;',
    // Otherwise apt succeeds when a mirror does not answer, and the package seems to be in no list.
    'APT::Update::Error-Mode "any";',
    // Whatever the machine allows: package lists without a valid signature, and packages in none of them, are refused.
    'Acquire::AllowInsecureRepositories "false";',
    'Acquire::AllowWeakRepositories "false";',
    'Acquire::AllowDowngradeToInsecureRepositories "false";',
    'APT::Get::AllowUnauthenticated "false";',
    'Dir::Etc::parts "/dev/null";',
    'Dir::Etc::main "/dev/null";',
    `Dir::Etc::SourceList "${join(folder, 'release.sources')}";`,
    'Dir::Etc::SourceParts "/dev/null";',
    `Dir::Etc::Preferences "${join(folder, 'preferences')}";`,
    'Dir::Etc::PreferencesParts "/dev/null";',
    `Dir::State::Lists "${join(folder, 'lists')}";`,
    `Dir::State::status "${join(folder, 'status')}";`,
    `Dir::Cache "${join(folder, 'cache')}";`,
    // Images for containers turn it off: four commands would each read all lists again.
    `Dir::Cache::pkgcache "${join(folder, 'cache', 'pkgcache.bin')}";`,
    // As root, apt would download as a user of its own, who cannot write here.
    'APT::Sandbox::User "root";',
    ...['http', 'https'].map((scheme) => `Acquire::${scheme}::Timeout "${CONNECTION_TIMEOUT_SECONDS}";`),
    'Acquire::Retries "1";',
    '',
  ].join('\n');
}

/** @returns {string} `bookworm`; empty where the machine does not name it */
function releaseCodename() {
  return /^VERSION_CODENAME="?([\w-]+)/m.exec(readIfPresent('/etc/os-release') ?? '')?.[1] ?? '';
}
