import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What is checked out. `-changed` where the tree differs; `unknown` without git. */
export async function readCommit(): Promise<string> {
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: import.meta.dirname, timeout: 10_000 });
  try {
    const [head, changes] = await Promise.all([
      git('rev-parse', '--short=12', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=no'),
    ]);
    return `${head.stdout.trim()}${changes.stdout === '' ? '' : '-changed'}`;
  } catch {
    return 'unknown';
  }
}
