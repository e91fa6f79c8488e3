/** Java for `npm start -- --app tomcat|spring` and the tests that need it. Nothing else of Holdfast does. */
import { join } from 'node:path';
import { pathsOf } from './checkout.mjs';
import { findJdk } from './find-java.mjs';
import { isExecutable, searchFolders } from './find-program.mjs';
import { ensureOutput } from './maven-project.mjs';
import { SetupError } from './setup-error.mjs';
import { withSetupLock } from './setup-lock.mjs';

/** What was found, by where it was searched for: each search starts a virtual machine. */
const found = new Map();

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {import('./find-java.mjs').Jdk} 17 or newer, with javac
 * @throws SetupError: one sentence with what was found and what to install
 */
export function ensureJava(env = process.env) {
  const key = JSON.stringify([env.JAVA_HOME, searchFolders(env)]);
  const known = found.get(key);
  if (known && isExecutable(known.java)) return known;
  const jdk = findJdk(env);
  found.set(key, jdk);
  return jdk;
}

/**
 * For tests that are skipped without a JDK: `describe.skipIf(whyNoJava() !== undefined)`.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} why there is none
 */
export function whyNoJava(env = process.env) {
  try {
    ensureJava(env);
    return undefined;
  } catch (error) {
    if (error instanceof SetupError) return error.message;
    throw error;
  }
}

/**
 * Builds a Maven project, or finds it built.
 *
 * @param {string} name folder below examples, or below `options.parent`: `spring-app`
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv, parent?: string }} [options]
 * @returns {Promise<string>} the folder with its output
 * @throws SetupError written for the user
 */
export async function ensureMavenOutput(name, { checkout, env = process.env, parent = 'examples' } = {}) {
  const paths = pathsOf(checkout);
  const jdk = ensureJava(env);
  return withSetupLock(paths.lockFile, (noteCommand) => ensureOutput({ paths, env, noteCommand }, jdk, join(paths.checkout, parent, name)));
}
