import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * What is checked out. `-changed` where the tree differs; `unknown` without git.
 * @param untracked whether a file that git does not know, and does not ignore either, is a difference
 */
export async function readCommit(untracked: 'no' | 'all' = 'no'): Promise<string> {
  // From the repository's root: files of other folders count as well.
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: import.meta.dirname, timeout: 60_000 });
  try {
    const [head, changes] = await Promise.all([
      git('rev-parse', '--short=12', 'HEAD'),
      git('status', '--porcelain', `--untracked-files=${untracked}`),
    ]);
    return `${head.stdout.trim()}${changes.stdout === '' ? '' : '-changed'}`;
  } catch {
    return 'unknown';
  }
}
