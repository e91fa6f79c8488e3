/** What a command needs besides what every command does: it would report that itself, but after the downloads. */
import { join } from 'node:path';
import { findJdk, findMaven } from './find-java.mjs';
import { findPythonRelease } from './find-python-release.mjs';
import { isBuilt } from './maven-project.mjs';
import { problemsOf } from './problems-of.mjs';
import { installedPackages } from './python-packages.mjs';

/** On 3.12 it boots and Step Functions answers InternalError; on 3.11 nearly everything does. */
export const LOCALSTACK_PYTHON = /** @type {const} */ ([3, 13]);
export const LOCALSTACK_NEEDS = 'LocalStack needs';
/** Below the checkout. */
export const DYNAMODB_PROJECT = join('setup', 'dynamodb-local');
export const DYNAMODB_NEEDS = "LocalStack's DynamoDB needs";
/** By value of `--app`, below the checkout. */
const EXAMPLES = { tomcat: join('examples', 'tomcat-app'), spring: join('examples', 'spring-app') };

/**
 * @typedef {object} Place
 * @property {NodeJS.ProcessEnv} env
 * @property {ReturnType<import('./checkout.mjs').pathsOf>} paths
 * @property {readonly string[]} [folders] where programs are; PATH and the usual ones by default
 */

/**
 * @param {readonly string[]} command the script and its arguments
 * @param {Place} place
 * @returns {(() => unknown)[]} checks that throw a SetupError
 */
export function needsOf([, ...args], place) {
  if (args.includes('--help')) return [];
  const projects = (optionOf(args, '--app') ?? '').split(',').flatMap((app) => (Object.hasOwn(EXAMPLES, app) ? [EXAMPLES[app]] : []));
  // One of the user's own runs already.
  const startsLocalStack = optionOf(args, '--emulator') === 'localstack' && optionOf(args, '--emulator-endpoint') === undefined;
  return [...projects.flatMap((project) => needsOfProject(project, place)), ...(startsLocalStack ? needsOfLocalStack(place) : [])];
}

/** @param {Place} place @returns {(() => unknown)[]} */
export function needsOfLocalStack(place) {
  const { env, paths, folders } = place;
  const isReady = installedPackages(env, { venv: paths.localStackVenv, lock: paths.localStackLock }) !== undefined;
  const python = () => findPythonRelease(LOCALSTACK_PYTHON, LOCALSTACK_NEEDS, env, folders);
  return [...(isReady ? [] : [python]), ...needsOfProject(DYNAMODB_PROJECT, place, DYNAMODB_NEEDS)];
}

function needsOfProject(project, { env, paths, folders }, need) {
  const jdk = () => findJdk(env, folders, need);
  // Maven is looked for even without a JDK, so that both are named.
  const maven = () => findMaven(env, problemsOf([jdk]).length === 0 ? jdk() : undefined, folders, need);
  return isBuilt(paths, project) ? [jdk] : [jdk, maven];
}

/** `--name value` or `--name=value`, the last one. */
function optionOf(args, name) {
  const at = args.findLastIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return args[at] === name ? args[at + 1] : args[at].slice(name.length + 1);
}
