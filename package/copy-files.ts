/** Copies what the package has as it is in the checkout: the files that git has, whatever else lies next to them. */
import { execFile } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { foreignLine } from '../functions/shared/foreign-text.ts';

/** Read at run time from where they are in the repository, or opened by people. */
const COPIED = [
  ...['LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'docs', 'cdk.json', 'holdfast', 'session', 'server/tomcat/files'],
  // Configurations that pages tell people to copy.
  ...['examples/configurations', 'examples/policies', 'examples/first-day'],
];
const OWN_README = 'package/README.md';
const COPIED_BY_NAME: readonly [folder: string, ending: string][] = [
  ['server/documents', '.py'],
  ['server/user-data', '.sh'],
];
const GIT_MS = 30_000;
const LONGEST_LIST_BYTES = 64 * 1024 * 1024;

/** Whether a file is packed, or a folder for any file in it. @param file absolute */
export type IsPacked = (file: string) => boolean;

/** Copies the files from a checkout into the folder of the package. */
export async function copyFiles(checkout: string, folder: string): Promise<IsPacked> {
  const tracked = await trackedFiles(checkout);
  if (!tracked)
    process.stderr.write(`${checkout} is not a clone, so git cannot name its files: everything in the packed folders is packed.\n`);
  const isPacked: IsPacked = (file) => isPublished(file) && (tracked?.(file) ?? true);
  for (const name of COPIED) await cp(path.join(checkout, name), path.join(folder, name), { recursive: true, filter: isPacked });
  // That of the checkout begins with what only the checkout has.
  await cp(path.join(checkout, OWN_README), path.join(folder, 'README.md'));
  for (const [from, ending] of COPIED_BY_NAME) {
    await mkdir(path.join(folder, from), { recursive: true });
    for (const name of await readdir(path.join(checkout, from))) {
      const file = path.join(checkout, from, name);
      if (name.endsWith(ending) && isPacked(file)) await cp(file, path.join(folder, from, name));
    }
  }
  return isPacked;
}

/** Caches and pictures stay behind. */
const isPublished: IsPacked = (file) => !/(^|\/)(node_modules|__pycache__|images)$/.test(file.replaceAll(path.sep, '/'));

/**
 * @returns undefined where the folder is not a clone, and nothing shows which of its files belong to it
 * @throws where it is one and git does not say: whatever lies in it would be published
 */
async function trackedFiles(folder: string): Promise<IsPacked | undefined> {
  const repository = repositoryOf(folder);
  if (repository === undefined) return undefined;
  const refuse = (why: string, cause?: unknown) =>
    new Error(
      `Git does not name the files of ${folder}, although there is ${path.join(repository, '.git')}: ${why}. Nothing was packed. Run "git ls-files" there and put right what it says.`,
      { cause },
    );
  const names = await listedByGit(folder).catch((error: Error & { stderr?: string }) => {
    throw refuse(foreignLine(error.stderr || error.message, 300), error);
  });
  // In a folder of somebody's own repository, git lists that one's files.
  if (!names.includes('package.json')) {
    if (repository === folder) throw refuse('its list has no package.json');
    return undefined;
  }
  const known = new Set(names.flatMap((name) => [name, ...foldersOf(name)]));
  return (file) => known.has(path.relative(folder, file).replaceAll(path.sep, '/'));
}

/** The folder, here or above, that is a repository as far as one sees without git, which refuses some. */
function repositoryOf(folder: string): string | undefined {
  if (lstatSync(path.join(folder, '.git'), { throwIfNoEntry: false })) return folder;
  const above = path.dirname(folder);
  return above === folder ? undefined : repositoryOf(above);
}

async function listedByGit(folder: string): Promise<string[]> {
  // A hook of git has these set to its own repository and index.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  const options = { cwd: folder, env, timeout: GIT_MS, maxBuffer: LONGEST_LIST_BYTES };
  const { stdout } = await promisify(execFile)('git', ['ls-files', '-z'], options);
  return stdout.split('\0').filter(Boolean);
}

const foldersOf = (name: string): string[] => {
  const parts = name.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
};
