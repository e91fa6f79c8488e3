/** LocalStack for `--emulator localstack` and its tests, without Docker and without a token. Nothing else of Holdfast needs it. */
import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathsOf } from './checkout.mjs';
import { DYNAMODB_NEEDS, DYNAMODB_PROJECT, LOCALSTACK_NEEDS, LOCALSTACK_PYTHON, needsOfLocalStack } from './command-needs.mjs';
import { findJdk, findMaven } from './find-java.mjs';
import { findPythonRelease } from './find-python-release.mjs';
import { ensureOutput, isBuilt } from './maven-project.mjs';
import { problemsOf, refuseProblems } from './problems-of.mjs';
import { ensurePythonPackages } from './python-packages.mjs';
import { SetupError } from './setup-error.mjs';
import { withSetupLock } from './setup-lock.mjs';

/**
 * @typedef {object} LocalStackSetup
 * @property {string} python absolute path of the Python that imports LocalStack
 * @property {string} libraries folder that LocalStack takes programs from, as its own installers would leave them
 */

/**
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<LocalStackSetup>}
 * @throws SetupError with everything that is missing and what to install
 */
export async function ensureLocalStack({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  return withSetupLock(paths.lockFile, async (noteCommand) => {
    const context = { paths, env, noteCommand };
    // All of it is named before anything is downloaded.
    refuseProblems(problemsOf(needsOfLocalStack(context)));
    const jdk = findJdk(env, undefined, DYNAMODB_NEEDS);
    const find = (given) => findPythonRelease(LOCALSTACK_PYTHON, LOCALSTACK_NEEDS, given);
    const list = {
      name: 'localstack',
      venv: paths.localStackVenv,
      lock: paths.localStackLock,
      built: ['crontab'],
      find,
      keepsCache: false,
    };
    const { path: python } = await ensurePythonPackages(context, list);
    const dynamoDb = await ensureOutput(context, jdk, join(paths.checkout, DYNAMODB_PROJECT), DYNAMODB_NEEDS);
    placeLibraries(paths.localStackLibraries, jdk.home, dynamoDb);
    return { python, libraries: paths.localStackLibraries };
  });
}

/**
 * For tests that are skipped without what LocalStack needs.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} why it cannot be set up
 */
export function whyNoLocalStack(env = process.env) {
  try {
    findPythonRelease(LOCALSTACK_PYTHON, LOCALSTACK_NEEDS, env);
    const jdk = findJdk(env, undefined, DYNAMODB_NEEDS);
    if (!isBuilt(pathsOf(), DYNAMODB_PROJECT)) findMaven(env, jdk, undefined, DYNAMODB_NEEDS);
    return undefined;
  } catch (error) {
    if (error instanceof SetupError) return error.message;
    throw error;
  }
}

/**
 * The names that LocalStack's installers of Java and DynamoDBLocal look for before they download anything.
 *
 * @see https://github.com/localstack/localstack/blob/v4.14.0/localstack-core/localstack/services/dynamodb/packages.py
 */
function placeLibraries(libraries, javaHome, dynamoDb) {
  const home = join(libraries, 'dynamodb-local', '2');
  link(join(libraries, 'java', '21'), javaHome);
  link(join(home, 'DynamoDBLocal.jar'), join(dynamoDb, 'app.jar'));
  link(join(home, 'ddb-local-loader-0.1.jar'), join(dynamoDb, 'app.jar'));
  link(join(home, 'libraries'), join(dynamoDb, 'libraries'));
  link(join(home, 'DynamoDBLocal_lib'), join(dynamoDb, 'native'));
}

function link(from, to) {
  if (targetOf(from) === to) return;
  mkdirSync(dirname(from), { recursive: true });
  rmSync(from, { recursive: true, force: true });
  symlinkSync(to, from);
}

function targetOf(file) {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
