/**
 * Finds Prometheus, promtool and redis_exporter, which only the check of `ops/monitoring` needs. On a machine without them,
 * downloads Debian packages and unpacks them below `.holdfast`: no root, nothing installed, no service started.
 */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hashOfFile, printProgress, readIfPresent, writeWhole } from './checkout.mjs';
import { findPrograms, searchFolders } from './find-program.mjs';
import { commandFailed, outputOf, runCommand, tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const DOWNLOAD_TIMEOUT_MS = 3 * 60_000;
const UNPACK_TIMEOUT_MS = 60_000;

/**
 * The packages of Debian 12, whose programs need nothing but a C library of 2021 or newer. A file of this version with
 * another hash is refused.
 *
 * @type {Readonly<Record<string, { readonly version: string, readonly sha256: Readonly<Record<string, string>> }>>}
 */
export const PINNED = {
  prometheus: {
    version: '2.42.0+ds-5+deb12u1',
    sha256: {
      amd64: '81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55',
      arm64: 'ca131aa102390083398afbc80be9c8dd1dda78f9f92154fc00df8f7f1f4556e9',
    },
  },
  'prometheus-redis-exporter': {
    version: '1.45.0-2+b4',
    sha256: {
      amd64: '4b310368285e805ae533a2be5d37fb2d170d8fa6227497572fcaf2c82dd69c74',
      arm64: '8404744f5f8895f5c93c3e90400469b4c85d5440ac3c04f2dd5ae42ba13e4be7',
    },
  },
};

/** Their names in distributions. */
const PROGRAMS = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  exporter: ['prometheus-redis-exporter', 'redis_exporter'],
};

/**
 * @typedef {object} MonitoringPrograms absolute paths
 * @property {string} prometheus
 * @property {string} promtool
 * @property {string} exporter redis_exporter
 */

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @returns {Promise<MonitoringPrograms>} those downloaded before, else the machine's own, else those downloaded now
 * @throws SetupError naming what to install
 */
export async function ensurePrograms(context) {
  const { env, paths } = context;
  const bin = join(paths.monitoring, 'bin');
  const stampFile = join(paths.monitoring, 'stamp.json');
  const wanted = JSON.stringify(PINNED);
  const fetched = readIfPresent(stampFile) === wanted ? findAll([bin]) : undefined;
  const found = fetched ?? findAll(searchFolders(env));
  if (found) return found;

  const tools = aptTools(env);
  if (!tools) throw programsMissing();
  await fetchPackages(context, tools, bin);
  const programs = findAll([bin]);
  if (!programs) throw programsMissing('the downloaded packages do not contain all of them');
  writeWhole(stampFile, wanted);
  return programs;
}

/**
 * @param {readonly string[]} folders
 * @returns {MonitoringPrograms | undefined} undefined unless all three run
 */
export function findAll(folders) {
  const found = Object.entries(PROGRAMS).map(([key, names]) => {
    const path = names.flatMap((name) => findPrograms(name, folders))[0];
    return [key, path && outputOf(path, ['--version']) !== undefined ? path : undefined];
  });
  return found.every(([, path]) => path !== undefined) ? Object.fromEntries(found) : undefined;
}

/** @returns the programs that download and unpack a package without root, or undefined if the machine lacks one */
function aptTools(env) {
  const folders = searchFolders(env);
  const [apt, unpack, dpkg] = ['apt-get', 'dpkg-deb', 'dpkg'].map((name) => findPrograms(name, folders)[0]);
  const architecture = dpkg && outputOf(dpkg, ['--print-architecture'])?.trim();
  return apt && unpack && architecture ? { apt, unpack, architecture } : undefined;
}

async function fetchPackages(context, tools, bin) {
  const { paths } = context;
  const download = join(paths.monitoring, 'download');
  rmSync(paths.monitoring, { recursive: true, force: true });
  mkdirSync(download, { recursive: true });
  try {
    printProgress('downloading Prometheus and redis_exporter into .holdfast (22 MB, for the check of ops/monitoring)…');
    await downloadPackages(context, tools, download);
    for (const name of Object.keys(PINNED)) {
      const file = readdirSync(download).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith('.deb'));
      if (file === undefined) throw programsMissing(`apt-get did not download the package ${name}`);
      verify(join(download, file), name, tools);
      const options = { logFile: join(paths.logs, `setup-${name}.log`), timeoutMs: UNPACK_TIMEOUT_MS, onStart: context.noteCommand };
      await runCommand(`Unpacking ${file}`, tools.unpack, ['-x', join(download, file), join(download, 'root')], options);
    }
    renameSync(join(download, 'root', 'usr', 'bin'), bin);
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}

/**
 * Uses the machine's package lists, then fresh ones below .holdfast: an `apt-get update` of the machine's needs root. An
 * archive without the pinned version (a newer release's) gives its own, which apt verifies by its signature.
 */
async function downloadPackages(context, { apt }, folder) {
  const logFile = join(context.paths.logs, 'setup-monitoring.log');
  const options = { logFile, cwd: folder, env: { ...context.env, LC_ALL: 'C.UTF-8' }, timeoutMs: DOWNLOAD_TIMEOUT_MS };
  const run = (args, append = true) => tryCommand(apt, args, { ...options, append, onStart: context.noteCommand });
  // As root, apt would download as a user of its own, who cannot write here.
  const common = ['-q', '-o', 'APT::Sandbox::User=root'];
  const names = Object.keys(PINNED);
  const pinned = names.map((name) => `${name}=${PINNED[name].version}`);
  if ((await run([...common, 'download', ...pinned], false)).ok) return;

  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, part), { recursive: true });
  const own = [...common, '-o', `Dir::State::lists=${join(folder, 'lists')}`, '-o', `Dir::Cache=${join(folder, 'cache')}`];
  // Fails if one of several archives does not answer, although the one with the packages may have.
  await run([...own, 'update']);
  if ((await run([...own, 'download', ...pinned])).ok) return;
  const { ok, reason } = await run([...own, 'download', ...names]);
  if (!ok) throw commandFailed(`apt-get download ${names.join(' ')}`, reason, logFile, `Nothing was installed. ${ADVICE}`);
}

/** @throws SetupError when the file has the pinned version but another hash */
function verify(file, name, { unpack, architecture }) {
  const { version, sha256 } = PINNED[name];
  const actual = outputOf(unpack, ['-f', file, 'Version'])?.trim();
  if (actual === undefined)
    throw new SetupError(`The file that apt-get downloaded as ${name} is not a Debian package. Nothing was installed. ${ADVICE}`);
  if (actual !== version) {
    printProgress(`this machine's archive has ${name} ${actual} instead of ${version}: using it, as apt has verified its signature`);
    return;
  }
  const hash = hashOfFile(file);
  if (hash === sha256[architecture]) return;
  const expected = sha256[architecture] ?? `unknown for ${architecture}`;
  throw new SetupError(
    `The package ${name} ${version} is not used: its SHA-256 is ${hash}, and the pinned one is ${expected}. Nothing was installed. ${ADVICE}`,
  );
}

const ADVICE =
  'Install Prometheus and redis_exporter so that `prometheus`, `promtool` and `redis_exporter` are on PATH ' +
  '(`sudo apt-get install prometheus prometheus-redis-exporter`; on macOS `brew install prometheus` and the release of ' +
  'oliver006/redis_exporter), then start again.';

/** The error when the machine lacks them and set-up cannot download them. */
export function programsMissing(because = 'this machine has no apt-get and dpkg-deb to download them with') {
  return new SetupError(`The check of ops/monitoring needs prometheus, promtool and redis_exporter, and ${because}. ${ADVICE}`);
}
