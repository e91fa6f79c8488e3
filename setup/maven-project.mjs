/**
 * Builds a Maven project below `.holdfast`, with a local repository there. Maven verifies the SHA-1 of everything it
 * downloads (`--strict-checksums`); what ends up on a server is compared with the SHA-256 in the project's `maven.lock`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hashOfFile, printProgress, readIfPresent, writeWhole } from './checkout.mjs';
import { findMaven } from './find-java.mjs';
import { differencesFrom, filesBelow, parseLock } from './maven-lock.mjs';
import { commandFailed, tryCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

/** 45 MB and a compiler: 30 s over a fast line. */
const TIMEOUT_MS = 5 * 60_000;
const LOCK = 'maven.lock';

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @param {import('./find-java.mjs').Jdk} jdk
 * @param {string} folder absolute, with pom.xml, src and maven.lock; its last name is the project's. The pom writes below the property
 *   `buildFolder` alone: what is wanted into `${buildFolder}/out`, and what it makes itself as `app.jar` or `app.war` there
 * @param {string} [need] who needs Maven, with the verb, for errors
 * @returns {Promise<string>} the folder with its output; nothing runs if that was made from the same files before
 * @throws SetupError when Maven is missing or fails, its repository cannot be reached, or a file is not the locked one
 */
export async function ensureOutput(context, jdk, folder, need) {
  const { java, logs } = context.paths;
  const name = basename(folder);
  const { output, stampFile, stamp } = resultOf(java, folder);
  if (readIfPresent(stampFile) === stamp && existsSync(output)) return output;

  const lock = parseLock(readIfPresent(join(folder, LOCK)) ?? '');
  const logFile = join(logs, `setup-${name}.log`);
  const made = await runMaven(context, jdk, folder, logFile, need);
  const differences = differencesFrom(lock, made);
  if (differences.length > 0)
    throw new SetupError(
      `The build of ${name} is not used, as it is not what ${LOCK} lists: ${differences.slice(0, 3).join('; ')}. ` +
        `After a change of the pom run \`node setup/lock-maven.mjs ${name}\`; else remove ${context.paths.mavenRepository}, then start again.`,
    );
  rmSync(stampFile, { force: true });
  rmSync(output, { recursive: true, force: true });
  renameSync(made, output);
  rmSync(join(java, `.build-${name}`), { recursive: true, force: true });
  writeWhole(stampFile, stamp);
  return output;
}

/**
 * @param {{ checkout: string, java: string }} paths
 * @param {string} project its folder below the checkout
 * @returns {boolean} whether its output is of the files as they are, so that Maven is not needed
 */
export function isBuilt({ checkout, java }, project) {
  const { output, stampFile, stamp } = resultOf(java, join(checkout, project));
  return readIfPresent(stampFile) === stamp && existsSync(output);
}

function resultOf(java, folder) {
  const name = basename(folder);
  return { output: join(java, name), stampFile: join(java, `${name}.stamp`), stamp: stampOf(folder) };
}

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @param {import('./find-java.mjs').Jdk} jdk
 * @param {string} folder the project's
 * @param {string} logFile
 * @param {string} [need]
 * @returns {Promise<string>} the unchecked output
 */
export async function runMaven(context, jdk, folder, logFile, need) {
  const { java, mavenRepository } = context.paths;
  const name = basename(folder);
  const maven = findMaven(context.env, jdk, undefined, need);
  const build = join(java, `.build-${name}`);
  const resolvedFile = join(java, `${name}.resolved`);
  const pom = hashOfFile(join(folder, 'pom.xml'));
  const args = [
    ...['--batch-mode', '--no-transfer-progress', '--strict-checksums', '-Dstyle.color=never'],
    ...['-f', join(folder, 'pom.xml'), `-Dmaven.repo.local=${mavenRepository}`, `-DbuildFolder=${build}`, 'package'],
  ];
  const options = {
    logFile,
    cwd: folder,
    env: { ...context.env, JAVA_HOME: jdk.home },
    timeoutMs: TIMEOUT_MS,
    onStart: context.noteCommand,
  };
  rmSync(build, { recursive: true, force: true });
  printProgress(`building ${name} with Maven…`);
  const known = readIfPresent(resolvedFile) === pom;
  let result = await tryCommand(maven, known ? ['--offline', ...args] : args, options);
  // The repository is the checkout's own, so this is for one of which a part was removed.
  if (!result.ok && known && /offline mode/.test(readIfPresent(logFile) ?? '')) result = await tryCommand(maven, args, options);
  if (!result.ok) throw mavenFailed(name, result.reason, logFile);
  writeWhole(resolvedFile, pom);
  return join(build, 'out');
}

function mavenFailed(name, reason, logFile) {
  const log = readIfPresent(logFile) ?? '';
  const rest = '; nothing else was changed, and the full log is';
  if (/Checksum validation failed/.test(log))
    return new SetupError(
      `A file for the build of ${name} was refused, as its checksum is not the one that its repository states: start again${rest} ${logFile}`,
    );
  if (/Could not transfer (artifact|metadata)|Unknown host|Connection refused|Network is unreachable|offline mode/.test(log))
    return new SetupError(
      `Maven Central cannot be reached for the build of ${name}: connect this machine to it, or name a mirror or a proxy of your company in ` +
        `~/.m2/settings.xml, then start again${rest} ${logFile}`,
    );
  return commandFailed(`The build of ${name} with Maven`, reason, logFile, 'Nothing else was changed.');
}

/** Everything that the output follows from. */
function stampOf(folder) {
  const hash = createHash('sha256');
  const sources = existsSync(join(folder, 'src')) ? filesBelow(join(folder, 'src')).map((path) => join('src', path)) : [];
  for (const path of ['pom.xml', LOCK, ...sources]) {
    const file = join(folder, path);
    hash.update(`${path}\0${existsSync(file) ? readFileSync(file).toString('base64') : 'absent'}\0`);
  }
  return `${hash.digest('hex')}\n`;
}
