import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processStart } from '../../../setup/process-start.mjs';

/** What a process needs here, and nothing of the test runner's own environment. */
export const ENV = { PATH: '/usr/bin:/bin' };

export const makeRuns = (): string => mkdtempSync(join(tmpdir(), 'holdfast-runs-'));

/** A process that does nothing, in a group of its own, as a managed one is. Reaped when it ends. */
export function startSleeper(env: Record<string, string> = {}): number {
  const child = spawn('sleep', ['120'], { detached: true, stdio: 'ignore', env: { ...ENV, ...env } });
  child.unref();
  if (child.pid === undefined) throw new Error('sleep does not start');
  return child.pid;
}

export const isAlive = (pid: number): boolean => processStart(pid) !== undefined;
