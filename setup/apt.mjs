/** Installs Debian packages without starting their services. Works only as root on Debian or Ubuntu. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { printProgress, readIfPresent } from './checkout.mjs';
import { findPrograms, searchFolders } from './find-program.mjs';
import { isRunning, processStart } from './process-start.mjs';
import { commandFailed, outputOf, tryCommand } from './run-command.mjs';
import { parsePackageVersion } from './versions.mjs';

const UPDATE_TIMEOUT_MS = 3 * 60_000;
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const SERVICE_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_SECONDS = 120;
/** `apt-get update` does not wait for its own lock: 24 × 5 s = the two minutes that an install waits for dpkg's. */
const UPDATE_TRIES = 24;
const UPDATE_PAUSE_MS = 5_000;

/** invoke-rc.d runs this before it starts a service; exit code 101 forbids the start. @see https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt */
const POLICY_FILE = '/usr/sbin/policy-rc.d';
const POLICY_MARK = '# Written by the set-up of Holdfast while it installs a package';

/** @param {NodeJS.ProcessEnv} env */
export function canUseApt(env) {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && findPrograms('apt-get', searchFolders(env)).length > 0;
}

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {import('./versions.mjs').Version | undefined} the version that apt would install, by the current package lists
 */
export function candidateVersion(name, env) {
  const policy = outputOf(aptPrograms(env).cache, ['policy', name], 30_000) ?? '';
  return parsePackageVersion(/^\s+Candidate: (\S+)/m.exec(policy)?.[1]);
}

/**
 * Fetches the package lists. Waits for another apt that is running.
 *
 * @param {import('./checkout.mjs').StepContext} context
 */
export async function updatePackageLists(context) {
  printProgress('updating the package lists with apt-get…');
  const logFile = join(context.paths.logs, 'setup-apt-update.log');
  for (let tries = 1; ; tries += 1) {
    const { ok, reason } = await tryCommand(aptPrograms(context.env).get, ['update'], aptOptions(context, logFile, UPDATE_TIMEOUT_MS));
    if (ok) return;
    const busy = /Could not get lock|Unable to lock/.test(readIfPresent(logFile) ?? '');
    if (!busy || tries === UPDATE_TRIES) throw commandFailed('apt-get update', reason, logFile);
    await sleep(UPDATE_PAUSE_MS);
  }
}

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @param {string} name
 */
export async function installPackage(context, name) {
  printProgress(`installing the package ${name} with apt-get (its service is not started)…`);
  const logFile = join(context.paths.logs, `setup-apt-${name}.log`);
  const args = ['-o', `DPkg::Lock::Timeout=${LOCK_TIMEOUT_SECONDS}`, 'install', '-y', '--no-install-recommends', '--no-upgrade', name];
  const wasInstalled = isInstalled(name);
  const tryInstall = () =>
    withoutServices(() => tryCommand(aptPrograms(context.env).get, args, aptOptions(context, logFile, INSTALL_TIMEOUT_MS)));
  let result = await tryInstall();
  if (!result.ok) {
    // Most often the package lists name a version that the mirror no longer has.
    await updatePackageLists(context);
    result = await tryInstall();
  }
  if (!result.ok) throw commandFailed(`apt-get install ${name}`, result.reason, logFile, `Install ${name} yourself, then start again.`);
  if (!wasInstalled) disableService(name, context.env);
}

/** Removes the policy file that a set-up killed during an install left outside the checkout. */
export function removeOrphanedPolicy() {
  const text = readIfPresent(POLICY_FILE);
  if (text === undefined || !text.includes(POLICY_MARK) || process.getuid?.() !== 0) return;
  const [, pid, start] = /^# process (\d+) (.+)$/m.exec(text) ?? [];
  if (pid === undefined || !isRunning({ pid: Number(pid), start: start ?? '' })) rmSync(POLICY_FILE, { force: true });
}

/** Leaves a policy of the machine's own unchanged. */
async function withoutServices(work) {
  removeOrphanedPolicy();
  let ours = false;
  try {
    const owner = `# process ${process.pid} ${processStart(process.pid)}`;
    writeFileSync(POLICY_FILE, `#!/bin/sh\n${POLICY_MARK}\n${owner}\nexit 101\n`, { flag: 'wx', mode: 0o755 });
    ours = true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    return await work();
  } finally {
    if (ours) rmSync(POLICY_FILE, { force: true });
  }
}

/** The package enables its service for the next boot, and the machine's own policy may have let it start. Best effort. */
function disableService(name, env) {
  const folders = searchFolders(env, ['/usr/sbin', '/usr/bin']);
  if (![`/etc/init.d/${name}`, `/lib/systemd/system/${name}.service`].some(existsSync)) return;
  for (const [program, args] of [
    ['service', [name, 'stop']],
    ['systemctl', ['disable', `${name}.service`]],
  ]) {
    const path = findPrograms(program, folders)[0];
    if (path !== undefined) outputOf(path, args, SERVICE_TIMEOUT_MS);
  }
}

function isInstalled(name) {
  return (outputOf('dpkg-query', ['-s', name]) ?? '').includes('Status: install ok installed');
}

function aptPrograms(env) {
  const folders = searchFolders(env);
  return { get: findPrograms('apt-get', folders)[0] ?? 'apt-get', cache: findPrograms('apt-cache', folders)[0] ?? 'apt-cache' };
}

function aptOptions({ env, noteCommand }, logFile, timeoutMs) {
  return {
    logFile,
    timeoutMs,
    onStart: noteCommand,
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8', NEEDRESTART_MODE: 'l' },
  };
}
