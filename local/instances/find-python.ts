import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The real Python behind whatever version manager is first in the PATH. @throws Error when there is none */
export async function findPython(path: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('python3', ['-c', 'import sys; print(sys.executable)'], {
      env: { PATH: path },
      timeout: 20_000,
    });
    return stdout.trim();
  } catch (error) {
    throw new Error('python3 is needed to run local machines', { cause: error });
  }
}
