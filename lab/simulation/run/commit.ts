import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * What is checked out. `-changed` where the tree differs; `unknown` without git.
 * @param untracked whether a file that git does not know, and does not ignore either, is a difference
 * @param except a path from the repository's root whose differences are none
 */
export async function readCommit(untracked: 'no' | 'all' = 'no', except?: string): Promise<string> {
  // A busy machine takes long to look for files that git does not know.
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: import.meta.dirname, timeout: 60_000 });
  try {
    const [head, changes] = await Promise.all([
      git('rev-parse', '--short=12', 'HEAD'),
      git(
        'status',
        '--porcelain',
        `--untracked-files=${untracked}`,
        '--',
        ':/',
        ...(except === undefined ? [] : [`:(top,exclude)${except}`]),
      ),
    ]);
    return `${head.stdout.trim()}${changes.stdout === '' ? '' : '-changed'}`;
  } catch {
    return 'unknown';
  }
}
