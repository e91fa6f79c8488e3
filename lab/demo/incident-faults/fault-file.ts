/** The faults that are set in a run of the local cloud. The file ends with the run, as do the faults. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isRunning, processStart } from '../../../setup/process-start.mjs';
import type { SetFault } from './contract.ts';

export interface FaultFile {
  read(): readonly SetFault[];
  write(faults: readonly SetFault[]): void;
  /** Runs `work` while no other process sets or clears faults. @throws Error when one does */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export function faultFile(runFolder: string): FaultFile {
  const file = path.join(runFolder, 'incident-faults.json');
  const lock = `${file}.lock`;
  return {
    read() {
      try {
        return JSON.parse(readFileSync(file, 'utf8')) as readonly SetFault[];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    },
    write(faults) {
      writeFileSync(`${file}.new`, JSON.stringify(faults), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
    async alone(work) {
      take(lock);
      try {
        return await work();
      } finally {
        rmSync(lock, { recursive: true, force: true });
      }
    },
  };
}

function take(lock: string): void {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      mkdirSync(lock);
      writeFileSync(path.join(lock, 'owner.json'), JSON.stringify({ pid: process.pid, start: processStart(process.pid) }));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (!isAbandoned(lock))
        throw new Error('another command sets or clears faults now; nothing was changed: try again when it has ended');
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

function isAbandoned(lock: string): boolean {
  try {
    return !isRunning(JSON.parse(readFileSync(path.join(lock, 'owner.json'), 'utf8')));
  } catch {
    return false;
  }
}
