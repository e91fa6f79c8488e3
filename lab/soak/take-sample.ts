/** Counts what a local cloud holds, from /proc and the run's folder. Linux only. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { CloudState } from '../../cli/cloud-state.ts';
import { findRunProcesses } from '../processes/end-processes.ts';
import { joinLedger } from '../processes/process-ledger.ts';
import type { Sample } from './find-leaks.ts';

const KB_PER_MB = 1024;
/** State of a listening socket in /proc/net/tcp. */
const LISTEN = '0A';
const TEMPORARY = /\/(tmp|home|release-work|orchestration)\//;

export function takeSample({ pid, runFolder }: Pick<CloudState, 'pid' | 'runFolder'>): Sample {
  if (process.platform !== 'linux') throw new Error('the soak reads /proc: it runs on Linux only');
  const ledger = joinLedger(runFolder);
  const recorded = ledger.list();
  const pids = [...new Set([pid, ...findRunProcesses({ runId: ledger.runId, recorded }).map((entry) => entry.pid)])];
  const descriptors = pids.flatMap(openFiles);
  const listening = listeningSockets();
  const { files, folders } = contentOf(runFolder);
  const emulator = recorded.find(({ name }) => name === 'ministack')?.pid;
  return {
    processes: pids.length,
    ports: new Set(descriptors.filter((target) => listening.has(target))).size,
    files: descriptors.length,
    folders,
    tempFiles: files.filter((file) => TEMPORARY.test(file)).length,
    memoryMegabytes: { gateway: residentMb(pid), emulator: emulator === undefined ? 0 : residentMb(emulator) },
  };
}

/** What a process has open, by the links' targets: `socket:[INODE]` for a socket. */
function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return listing(folder).flatMap((name) => {
    try {
      return [readlinkSync(path.join(folder, name))];
    } catch {
      return []; // closed between listing and reading
    }
  });
}

function listeningSockets(): ReadonlySet<string> {
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    try {
      return readFileSync(file, 'utf8').split('\n').slice(1);
    } catch {
      return []; // a machine without IPv6
    }
  });
  const fields = lines.map((line) => line.trim().split(/\s+/)).filter((columns) => columns[3] === LISTEN);
  return new Set(fields.map((columns) => `socket:[${columns[9]}]`));
}

function contentOf(folder: string): { files: string[]; folders: number } {
  const files: string[] = [];
  let folders = 0;
  const pending = [folder];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const entry of entries(next)) {
      const full = path.join(next, entry.name);
      if (entry.isDirectory()) {
        folders += 1;
        pending.push(full);
      } else files.push(full);
    }
  }
  return { files, folders };
}

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // gone meanwhile
  }
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / KB_PER_MB;
  } catch {
    return 0;
  }
}
