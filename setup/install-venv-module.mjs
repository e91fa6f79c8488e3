/** Debian and Ubuntu ship Python's venv module in a package of its own. */
import { candidateVersion, canUseApt, installPackage, updatePackageLists } from './apt.mjs';
import { probePython } from './find-python.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @param {import('./find-python.mjs').Python} python
 * @returns {Promise<import('./find-python.mjs').Python>} the same Python, able to create virtual environments
 */
export async function ensureVenvModule(context, python) {
  if (python.hasVenv) return python;
  const name = venvPackage(python.version);
  if (canInstallVenv(context.env, python)) {
    if (candidateVersion(name, context.env) === undefined) await updatePackageLists(context);
    await installPackage(context, name);
    const after = probePython(python.path);
    if (after?.hasVenv) return after;
  }
  throw venvMissing(python);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./find-python.mjs').Python} python
 * @returns {boolean} the package serves the system's own Python only
 */
export const canInstallVenv = (env, { path }) => path.startsWith('/usr/bin/') && canUseApt(env);

/** @param {import('./find-python.mjs').Python} python */
export function venvMissing({ path, version }) {
  return new SetupError(
    `Python ${version} (${path}) cannot create virtual environments because its venv and ensurepip modules are missing: ` +
      `install them with \`apt-get install ${venvPackage(version)}\` (Debian, Ubuntu), or a whole Python with \`brew install python\` (macOS), then start again.`,
  );
}

/**
 * @param {string} version `3.11.2`
 * @returns {string} `python3.11-venv`: the package python3-venv is for the distribution's default Python only
 */
export function venvPackage(version) {
  return `python${version.split('.').slice(0, 2).join('.')}-venv`;
}
