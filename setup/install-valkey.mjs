/** Installs Valkey with a package manager that has it: Homebrew, or dnf as root. apt's packages are unpacked instead. */
import { join } from 'node:path';
import { printProgress } from './checkout.mjs';
import { findPrograms, searchFolders } from './find-program.mjs';
import { tryCommand } from './run-command.mjs';

/** Homebrew may update itself first. */
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const PACKAGE = 'valkey';

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @param {boolean} [isRoot]
 * @returns {Promise<string | undefined>} why it was not installed
 */
export async function installValkey(context, isRoot = process.getuid?.() === 0) {
  const { manager, args, program } = findManager(searchFolders(context.env), isRoot);
  if (program === undefined) return 'this machine has no package manager that set-up can install it with';
  printProgress(`installing ${PACKAGE} with ${manager} (its service is not started)…`);
  const logFile = join(context.paths.logs, `setup-${manager}-${PACKAGE}.log`);
  const options = { logFile, timeoutMs: INSTALL_TIMEOUT_MS, onStart: context.noteCommand, env: context.env };
  const { ok, reason } = await tryCommand(program, args, options);
  return ok ? undefined : `${manager} ${args.join(' ')} failed (${reason}); log: ${logFile}`;
}

/**
 * @param {readonly string[]} folders
 * @param {boolean} isRoot
 * @returns {{ manager: 'dnf' | 'brew', args: string[], program: string | undefined }} `program` is its path, if the machine has it
 */
export function findManager(folders, isRoot) {
  // Homebrew refuses to run as root, and dnf to install without.
  const manager = isRoot ? 'dnf' : 'brew';
  return { manager, args: isRoot ? ['install', '-y', PACKAGE] : ['install', PACKAGE], program: findPrograms(manager, folders)[0] };
}
