/** Which processes a run began, on disk, so that the next start can end what a killed run left behind. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { signalGroup } from './process-group.ts';

const run = promisify(execFile);

/** When a process began, in the system's own words: tells it from a later process with the same id. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], { timeout: 5_000 });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

export interface PidFiles {
  /** Notes the leader of a group. Not waited for: a process that is gone again leaves no file. */
  add(pid: number): void;
  remove(pid: number): void;
  /** Settles when every file is written or removed. */
  settled(): Promise<void>;
}

/** Ends every group that the files in `folder` name and removes the files; then keeps new ones there. */
export async function openPidFiles(folder: string): Promise<PidFiles> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.pid')) continue;
    const pid = Number.parseInt(name, 10);
    const start = (await readFile(join(folder, name), 'utf8')).trim();
    if (start !== '' && start === (await startOf(pid))) signalGroup(pid, 'SIGKILL');
    await rm(join(folder, name), { force: true });
  }
  let work: Promise<void> = Promise.resolve();
  const alive = new Set<number>();
  const then = (task: () => Promise<void>): void => {
    // A folder that is removed while the service stops is no reason to fail.
    work = work.then(task).catch(() => undefined);
  };
  const file = (pid: number): string => join(folder, `${pid}.pid`);
  return {
    add(pid) {
      if (pid === 0) return;
      alive.add(pid);
      then(async () => {
        const start = await startOf(pid);
        if (start !== undefined && alive.has(pid)) await writeFile(file(pid), start);
      });
    },
    remove(pid) {
      alive.delete(pid);
      then(() => rm(file(pid), { force: true }));
    },
    settled: () => work,
  };
}
