/** Unpacks a store engine's Debian packages below `.holdfast`, with the libraries that the machine may lack. */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { printProgress } from './checkout.mjs';
import { openPrivateApt } from './private-apt.mjs';
import { outputOf, runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { formatVersion, isAtLeast } from './versions.mjs';

const UNPACK_TIMEOUT_MS = 60_000;
/** A machine has these wherever it has apt, which needs them itself. */
const BASE_LIBRARIES = new Set(['libc6', 'libgcc-s1', 'libstdc++6', 'libsystemd0']);

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @param {'valkey' | 'redis'} engine
 * @param {readonly [number, number]} minimum version, major and minor
 * @param {readonly import('./apt-sources.mjs').AptSource[]} [sources] of the machine's release
 * @returns {Promise<string | undefined>} why there is none, or undefined when it is in `stores/<engine>/bin`
 * @throws SetupError when packages cannot be downloaded or unpacked, or do not run
 */
export async function unpackStore(context, engine, minimum, sources) {
  const { stores, logs } = context.paths;
  const partial = join(stores, `.partial-${engine}`);
  // What a set-up that was killed has left is never completed.
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    const apt = await openPrivateApt(context, partial, sources);
    if (apt === undefined) return 'this machine has no apt sources for its release';
    const version = apt.candidate(`${engine}-server`);
    if (!isAtLeast(version, minimum))
      return (
        apt.problem ?? `this release's packages and backports have ${version ? `${engine} ${formatVersion(version)}` : `no ${engine}`}`
      );
    printProgress(`downloading ${engine} ${formatVersion(version)} into .holdfast (4 MB; nothing is installed on the machine)…`);
    const programs = [`${engine}-server`, `${engine}-tools`];
    const libraries = new Set(programs.flatMap(apt.libraries).filter((name) => !BASE_LIBRARIES.has(name)));
    const root = join(partial, 'root');
    for (const file of await apt.download([...programs, ...libraries])) {
      const options = { logFile: join(logs, 'setup-store-unpack.log'), timeoutMs: UNPACK_TIMEOUT_MS, onStart: context.noteCommand };
      await runCommand(`Unpacking ${file}`, apt.unpack, ['-x', file, root], options);
    }
    for (const name of [`${engine}-server`, `${engine}-cli`]) writeLauncher(root, name);
    if (outputOf(join(root, 'bin', `${engine}-server`), ['--version']) === undefined)
      throw new SetupError(`The packages of ${engine} ${formatVersion(version)} were unpacked, but the server does not run.`);
    rmSync(join(stores, engine), { recursive: true, force: true });
    renameSync(root, join(stores, engine));
    return undefined;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Starts a program with the unpacked libraries. Relative paths: a checkout can be moved. `exec` keeps the process id. */
function writeLauncher(root, name) {
  const folders = ['usr/lib', 'lib'].flatMap((folder) => subfoldersOf(join(root, folder)).map((triplet) => `$root/${folder}/${triplet}`));
  const file = join(root, 'bin', name);
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(
    file,
    `#!/bin/sh
root=\${0%/*}/..
export LD_LIBRARY_PATH="${folders.join(':')}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$root/usr/bin/${name}" "$@"
`,
  );
  chmodSync(file, 0o755);
}

/** Those of shared libraries: `x86_64-linux-gnu`. */
function subfoldersOf(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.includes('-linux-'))
    .map(({ name }) => name);
}
