/** Runs a command line in this process, for what does not depend on one of its own: starting one takes most of its time. */
import { vi } from 'vitest';
import { runCommandLine } from '../../bin/run-command-line.ts';

/** @returns the exit code, and what it printed on standard output */
export async function runHere(args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string }> {
  let stdout = '';
  const printing = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  try {
    return { code: await runCommandLine(args), stdout };
  } finally {
    printing.mockRestore();
  }
}
