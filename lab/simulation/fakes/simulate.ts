import { type ExecFileException, execFile } from 'node:child_process';
import path from 'node:path';

const MAIN = path.join(import.meta.dirname, '../main.ts');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run simulate` without npm, in a process of its own. */
export const simulate = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const command = ['--disable-warning=ExperimentalWarning', MAIN, ...args];
    execFile(process.execPath, command, { maxBuffer: 64 * 1024 * 1024 }, (error: ExecFileException | null, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
