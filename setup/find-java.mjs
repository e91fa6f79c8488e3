/** Finds a JDK and Maven, which only the examples in Java, LocalStack's DynamoDB and their tests need. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findPrograms, isExecutable, searchFolders } from './find-program.mjs';
import { outputOf } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { formatVersion, isAtLeast, parseJavaVersion, parseMavenVersion } from './versions.mjs';

/** Required by Spring Boot 3. */
const MINIMUM_JAVA = [17, 0];
/** The oldest in distributions that still have a JDK 17 (Debian 12); older ones allow repositories without TLS. */
const MINIMUM_MAVEN = [3, 8];
/** What needs them, as the errors begin. */
const EXAMPLES_NEED = 'The examples in Java need';
/** A virtual machine takes 0.1 s to start, Maven 0.5 s; a machine that builds something else meanwhile, some seconds. */
const TIMEOUT_MS = 30_000;

/**
 * @typedef {object} Jdk
 * @property {string} home absolute; as JAVA_HOME it makes Maven use this JDK
 * @property {string} java absolute path of the program
 * @property {string} version `17.0.15`
 */

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @param {readonly string[]} [folders] where to search without JAVA_HOME; PATH and the usual ones by default
 * @param {string} [need] who needs it, with the verb
 * @returns {Jdk} JAVA_HOME's, else the first on PATH that is new enough
 * @throws SetupError naming what was found instead, and what to install
 */
export function findJdk(env = process.env, folders = searchFolders(env), need = EXAMPLES_NEED) {
  if (env.JAVA_HOME) {
    const jdk = probeJava(join(env.JAVA_HOME, 'bin', 'java'));
    const problem = jdk ? problemOf(jdk) : `has no bin/java that runs`;
    if (problem === undefined) return jdk;
    throw new SetupError(
      `JAVA_HOME is ${env.JAVA_HOME}, which ${problem}: set it to the folder of a JDK 17 or newer, or unset it, then start again. Nothing was changed.`,
    );
  }
  let unfit;
  for (const candidate of findPrograms('java', folders)) {
    const jdk = probeJava(candidate);
    const problem = jdk && problemOf(jdk);
    if (jdk && problem === undefined) return jdk;
    if (problem) unfit ??= `${candidate} ${problem}`;
  }
  throw new SetupError(
    `${need} a JDK 17 or newer, and ${unfit ?? 'no java was found on PATH'}: install one with ` +
      '`apt-get install openjdk-17-jdk-headless` (Debian, Ubuntu), `dnf install java-17-amazon-corretto-devel` (Amazon Linux) or ' +
      '`brew install openjdk@17` (macOS), or set JAVA_HOME to the folder of one, then start again. Nothing was changed.',
  );
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {Jdk | undefined} jdk without one, Maven cannot run: then any mvn is taken
 * @param {readonly string[]} [folders]
 * @param {string} [need] who needs it, with the verb
 * @returns {string} absolute path of mvn
 * @throws SetupError naming what was found instead, and what to install
 */
export function findMaven(env, jdk, folders = searchFolders(env), need = EXAMPLES_NEED) {
  let old;
  for (const candidate of findPrograms('mvn', folders)) {
    if (jdk === undefined) return candidate;
    const version = parseMavenVersion(outputOf(candidate, ['--version'], TIMEOUT_MS, { ...env, JAVA_HOME: jdk.home }));
    if (isAtLeast(version, MINIMUM_MAVEN)) return candidate;
    if (version) old ??= `${candidate} is Maven ${formatVersion(version)}`;
  }
  throw new SetupError(
    `${need} Maven 3.8 or newer, and ${old ?? 'no mvn that runs was found on PATH'}: install it with ` +
      '`apt-get install maven` (Debian, Ubuntu), `dnf install maven` (Fedora, Amazon Linux) or `brew install maven` (macOS), then start again. ' +
      'Nothing was changed.',
  );
}

/** @returns {Jdk | undefined} undefined when it does not run as a Java 8 or newer; java.home is the real one behind a version manager's shim */
function probeJava(java) {
  if (!isExecutable(java)) return undefined;
  // Java 8 knows no --version, and this one prints on standard error.
  const { stderr, status } = spawnSync(java, ['-XshowSettings:properties', '-version'], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const property = (name) => new RegExp(`^ *java\\.${name} = (.+)$`, 'm').exec(stderr ?? '')?.[1]?.trim();
  const [home, version] = [property('home'), parseJavaVersion(property('version'))];
  return status === 0 && home && version ? { home, java: join(home, 'bin', 'java'), version: formatVersion(version) } : undefined;
}

function problemOf({ home, version }) {
  if (!isAtLeast(parseJavaVersion(version), MINIMUM_JAVA)) return `is Java ${version}`;
  return isExecutable(join(home, 'bin', 'javac')) ? undefined : `is Java ${version} without javac (a run-time environment, not a JDK)`;
}
