/** Folders of one LocalStack below its own, so that it writes nowhere else. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/**
 * @param libraries the programs that set-up has installed
 * @returns the variables that name the folders
 */
export function makeOwnFolders(folder: string, libraries: string): Record<string, string> {
  const [root, home, temporary] = ['root', 'home', 'tmp'].map((name) => path.join(folder, name)) as [string, string, string];
  const own = path.join(root, 'var/lib/localstack/lib');
  rmSync(own, { recursive: true, force: true });
  for (const each of [own, home, temporary]) mkdirSync(each, { recursive: true });
  // LocalStack writes certificates and the like next to the programs, so that only these are shared.
  for (const name of ['java', 'dynamodb-local']) symlinkSync(path.join(libraries, name), path.join(own, name));
  return { HOME: home, XDG_CACHE_HOME: path.join(home, 'cache'), TMPDIR: temporary, FILESYSTEM_ROOT: root };
}
